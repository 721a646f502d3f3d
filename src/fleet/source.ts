import type { YamlPath } from '../model/json.ts';
import type { Problem, Severity } from '../model/problem.ts';
import type { YamlDocument } from '../yaml/read.ts';

/** The file behind a fleet: gathers what is wrong with it, each at its place. */
export class Source {
  readonly problems: Problem[] = [];
  readonly #document: YamlDocument;
  readonly #file: string;

  constructor(document: YamlDocument, file: string) {
    this.#document = document;
    this.#file = file;
  }

  report(rule: string, path: YamlPath, message: string, fix: string, severity: Severity = 'error'): void {
    this.problems.push({ rule, severity, message, fix, file: this.#file, ...this.#document.placeOf(path) });
  }

  lineOf(path: YamlPath): number {
    return this.#document.placeOf(path).line;
  }
}
