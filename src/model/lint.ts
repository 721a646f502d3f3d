import type { YamlEdit } from './edit.ts';
import type { Problem, Severity } from './problem.ts';

/** Severity of a rule's findings; `off`: the rule does not run. */
export type Weight = Severity | 'off';

/** What a rule found, with its exact range and, where that is safe, the edits that fix it. */
export interface LintProblem extends Problem {
  readonly endLine?: number | undefined;
  /** Just behind the last character, from 1. */
  readonly endColumn?: number | undefined;
  /** Codes of istioctl and Kiali that say the same. */
  readonly equivalent?: readonly string[] | undefined;
  /** Value of Istio's own annotation on the object, `galley.istio.io/analyze-suppress`. */
  readonly suppressedBy?: string | undefined;
  readonly repair?: Repair | undefined;
}

/** Edits of one document of one file. */
export interface Repair {
  readonly file: string;
  readonly document: number;
  readonly edits: readonly YamlEdit[];
}

/** A finding that someone has decided to live with. */
export interface Accepted {
  readonly problem: LintProblem;
  /** `comment` and `annotation` stand in the manifest, `baseline` in a file of its own. */
  readonly by: 'comment' | 'annotation' | 'baseline';
  readonly reason: string | undefined;
}

/** What people have said about rules: by file, the last word wins. */
export interface LintConfig {
  readonly weights: ReadonlyMap<string, Weight>;
  /** For files that match a pattern; later ones win over earlier ones and over `weights`. */
  readonly overrides: readonly {
    readonly files: readonly string[];
    readonly weights: ReadonlyMap<string, Weight>;
  }[];
  /** Files that are not looked at. */
  readonly ignore: readonly string[];
}

export const defaultLintConfig: LintConfig = { weights: new Map(), overrides: [], ignore: [] };

/** One known finding, without its line: an edit above it does not make it new. */
export interface BaselineEntry {
  readonly rule: string;
  readonly file: string;
  /** `Kind namespace/name` */
  readonly resource: string;
  readonly message: string;
  /** How many of them there are. */
  readonly count: number;
}

/** A run of rules over some folders. */
export interface LintResult {
  /** By file, line and column. */
  readonly problems: readonly LintProblem[];
  readonly accepted: readonly Accepted[];
  /** How many files were read. */
  readonly files: number;
}

/** What a rule is about, as documentation and reports tell it. */
export interface RuleAbout {
  readonly id: string;
  readonly severity: Severity;
  readonly kinds: readonly string[];
  readonly summary: string;
  readonly why: string;
  readonly fix: string;
  readonly equivalent: readonly string[];
  readonly see: readonly string[];
}
