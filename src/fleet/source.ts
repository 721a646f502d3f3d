import type { YamlPath } from '../model/json.ts';
import type { Problem, Severity } from '../model/problem.ts';
import type { YamlDocument } from '../yaml/read.ts';

/** A text of the fleet file, and where it is written. */
export interface PlacedText {
  readonly text: string;
  readonly place: YamlPath;
}

/** The file behind a fleet: gathers what is wrong with it, each at its place. */
export class Source {
  readonly problems: Problem[] = [];
  /** Every environment of a namespace meets the same text; it is reported once. */
  readonly #said = new Set<string>();
  readonly #document: YamlDocument;
  readonly #file: string;

  constructor(document: YamlDocument, file: string) {
    this.#document = document;
    this.#file = file;
  }

  report(rule: string, path: YamlPath, message: string, fix: string, severity: Severity = 'error'): void {
    const place = this.#document.placeOf(path);
    const id = JSON.stringify([rule, message, place]);
    if (this.#said.has(id)) return;
    this.#said.add(id);
    this.problems.push({ rule, severity, message, fix, file: this.#file, ...place });
  }

  lineOf(path: YamlPath): number {
    return this.#document.placeOf(path).line;
  }
}
