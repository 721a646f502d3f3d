import type { YamlEdit } from './edit.ts';
import type { Problem, Severity } from './problem.ts';

/** The severity that a user sets for a rule; `off`: the rule does not run. */
export type SeverityOverride = Severity | 'off';

/** A finding with its exact range and, if that is safe, the edits that fix it. */
export interface LintProblem extends Problem {
  readonly endLine?: number | undefined;
  /** Just behind the last character, from 1. */
  readonly endColumn?: number | undefined;
  /** Equivalent codes of istioctl and Kiali. */
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

/** A finding that is suppressed or in the baseline. */
export interface Accepted {
  readonly problem: LintProblem;
  /** `comment` and `annotation` are in the manifest, `baseline` in a separate file. */
  readonly by: 'comment' | 'annotation' | 'baseline';
  readonly reason: string | undefined;
}

/** Settings for rules; for a file, the last override wins. */
export interface LintConfig {
  readonly severities: ReadonlyMap<string, SeverityOverride>;
  /** For files that match a pattern; later ones win over earlier ones and over `severities`. */
  readonly overrides: readonly {
    readonly files: readonly string[];
    readonly severities: ReadonlyMap<string, SeverityOverride>;
  }[];
  /** Files to ignore. */
  readonly ignore: readonly string[];
}

export const defaultLintConfig: LintConfig = { severities: new Map(), overrides: [], ignore: [] };

/** One known finding, without its line, so that an edit above it does not make it new. */
export interface BaselineEntry {
  readonly rule: string;
  readonly file: string;
  /** `Kind namespace/name` */
  readonly resource: string;
  readonly message: string;
  /** How often it occurs. */
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

/** The description of a rule, for documentation and reports. */
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
