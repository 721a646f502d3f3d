import type { JsonObject } from './json.ts';
import type { RepositoryId, TargetId } from './named.ts';
import type { Conflict } from './merge.ts';
import type { Outcome, Problem } from './problem.ts';
import type { FileChange } from './snapshot.ts';
import type { ClusterStage, Stage } from './fleet.ts';

/** All file changes of one target in one repository. */
export interface Bundle {
  readonly target: TargetId;
  readonly repository: RepositoryId;
  readonly changes: readonly FileChange[];
  /** One line a change of meaning, for the pull request: which object, what, why. */
  readonly notes: readonly BundleNote[];
  /** Where people and the templates changed the same place; what people wrote stayed. */
  readonly conflicts: readonly Conflict[];
  readonly problems: readonly Problem[];
  /** The effect on the target's calls; undefined: it was not simulated. */
  readonly calls?: BundleCalls;
}

export interface BundleCalls {
  /** Those with another result than today at some step. */
  readonly changed: readonly BundleCall[];
  /** All calls that were simulated. */
  readonly counts: CallCounts;
  /** Those that the fleet file declares. */
  readonly declared: CallCounts;
  /** Services whose callers, and workloads whose calls, nobody knows: `shop/web`. */
  readonly unknown: { readonly callers: readonly string[]; readonly callees: readonly string[] };
}

/** How many calls there are of each kind; a call is of exactly one. */
export interface CallCounts {
  readonly calls: number;
  /** Work at every step after today. */
  readonly proven: number;
  /** Do not break today, and break at some step. */
  readonly broken: number;
  /** Do not break at any step, as far as is known, and at some step it is not known. */
  readonly undetermined: number;
  /** Break today already, and at some step. */
  readonly failing: number;
}

/** A call, and a word for its result at each step: `works`, `503 UF`, `undetermined`. */
export interface BundleCall {
  readonly call: string;
  readonly before: string;
  readonly merged: string;
  readonly rolling: string;
  readonly restarted: string;
}

export interface BundleNote {
  readonly file: string;
  /** What happens to the object: `adds Sidecar default`. */
  readonly what: string;
  readonly why: string;
}

/** A wanted pull request. */
export interface Draft {
  readonly target: TargetId;
  readonly stage: Stage | ClusterStage;
  readonly repository: RepositoryId;
  readonly branch: string;
  /** undefined: the repository's default branch. */
  readonly base: string | undefined;
  readonly title: string;
  readonly body: string;
  readonly commitMessage: string;
  readonly labels: readonly string[];
  readonly reviewers: readonly string[];
  readonly draft: boolean;
  /** What the next commit holds. */
  readonly changes: readonly FileChange[];
  /** Of the bundle that the text describes. */
  readonly digest: string;
}

export type ResultOutcome = 'opened' | 'updated' | 'unchanged' | 'closed' | 'refused' | 'waiting' | 'failed';

/** What one target got. */
export interface TargetResult {
  readonly target: string;
  readonly outcome: ResultOutcome;
  readonly url?: string | undefined;
  readonly conflicts?: readonly Conflict[] | undefined;
  /** Further pull requests of the same target: the Namespace manifest's repository. */
  readonly related?: readonly { readonly repository: string; readonly url: string }[] | undefined;
  readonly reason?: string | undefined;
  readonly problems: readonly Problem[];
}

/** What planning gave for one target: one bundle a repository, the target's own first. */
export interface PlannedTarget {
  readonly target: TargetId;
  readonly bundles: readonly Bundle[];
  /** Every problem of the target, those of its bundles included. An error: nothing of it may be written. */
  readonly problems: readonly Problem[];
}

/** Templates as they are written. */
export interface TemplateTexts {
  /** Where it comes from: `built-in`, a folder, or `owner/name`. */
  readonly source: string;
  /** Template name (`namespace/istio-sidecar.yaml.hbs`) to its text: the set's own over the built-in ones. */
  readonly texts: ReadonlyMap<string, string>;
  /** Its CHANGELOG.md: the first heading names its version; empty when it has none. */
  readonly changelog: string;
}

/** Makes a function of a template's text.
 *  @param name  for problems
 *  @returns problems `template-syntax`, `template-unsafe-value` */
export type TemplateCompiler = (name: string, text: string) => Outcome<(view: unknown) => string>;

/** What bundles are rendered from. */
export interface TemplateSet extends TemplateTexts {
  readonly compile: TemplateCompiler;
}

/** One object of the cluster that a bundle changes, as Flux would apply it before and after. */
export interface ObjectChange {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly before: JsonObject | undefined;
  readonly after: JsonObject | undefined;
  /** Where it is written. */
  readonly place: Pick<Problem, 'repository' | 'file' | 'line' | 'column'>;
}
