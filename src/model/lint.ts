import type { YamlEdit } from './edit.ts';
import type { Problem } from './problem.ts';

/** What a rule found, with its exact range and, where that is safe, the edits that mend it. */
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
