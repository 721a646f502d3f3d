import type { YamlPath } from '../model/json.ts';
import type { Problem, Severity } from '../model/problem.ts';
import type { WrittenFleet } from './written.ts';

/** A text of the fleet file, and where it is written. */
export interface PlacedText {
  readonly text: string;
  readonly place: YamlPath;
}

/** The files behind a fleet: gathers what is wrong with it, each at its place. */
export class FleetSource {
  readonly problems: Problem[] = [];
  /** Every environment of a namespace meets the same text; it is reported once. */
  readonly #said = new Set<string>();
  readonly #written: WrittenFleet;

  constructor(written: WrittenFleet) {
    this.#written = written;
  }

  report(rule: string, path: YamlPath, message: string, fix: string, severity: Severity = 'error'): void {
    const place = this.#written.placeOf(path);
    const id = JSON.stringify([rule, message, place]);
    if (this.#said.has(id)) return;
    this.#said.add(id);
    this.problems.push({ rule, severity, message, fix, ...place });
  }

  /** Where something is written, in words: `line 12`, or of another file than `here` `line 12 of teams/shop.yaml`. */
  lineOf(path: YamlPath, here: YamlPath): string {
    const { file, line } = this.#written.placeOf(path);
    return `line ${String(line)}${file === this.#written.fileOf(here) ? '' : ` of ${file}`}`;
  }
}
