export type Severity = 'error' | 'warning' | 'info';

/** One Kubernetes object, as a person names it. */
export interface ResourceRef {
  readonly apiVersion?: string | undefined;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** Something the user must know, as a value. An `error` blocks writing; a `warning` goes into the pull request. */
export interface Problem {
  /** What kind of problem, in words: `fleet-unknown-key`. Stable: users configure and search by it. */
  readonly rule: string;
  readonly severity: Severity;
  /** What is wrong, in one or two sentences; what was expected where that is not obvious. */
  readonly message: string;
  /** What to do about it, in the imperative. */
  readonly fix?: string | undefined;
  /** `owner/name` when the file lives in a repository of the forge. */
  readonly repository?: string | undefined;
  readonly file?: string | undefined;
  /** From 1. */
  readonly line?: number | undefined;
  /** From 1. */
  readonly column?: number | undefined;
  readonly resource?: ResourceRef | undefined;
  /** The documentation page that says so. */
  readonly see?: string | undefined;
}

/** A value with what is to be said about it, or the problems that prevented it. Never both missing. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function success<T>(value: T, problems: readonly Problem[] = []): Outcome<T> {
  return { ok: true, value, problems };
}

export function failure(...problems: readonly Problem[]): { ok: false; problems: readonly Problem[] } {
  return { ok: false, problems };
}

/** Each problem once: what several readings share says the same of itself. */
export function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((each) => [JSON.stringify(each), each])).values()];
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
