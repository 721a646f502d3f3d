import type { JsonValue, YamlPath } from './json.ts';
import type { ResourceRef } from './problem.ts';

/** The three sides of a merge, as texts: what both began with, what people made of it, what it is to become. */
export interface MergeInput {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/** A place that both sides changed, each in its own way. What people wrote stays in force. */
export interface Conflict {
  readonly file: string;
  readonly resource: ResourceRef | undefined;
  /** Inside the object. */
  readonly path: YamlPath;
  /** undefined: absent on that side. */
  readonly base: JsonValue | undefined;
  readonly ours: JsonValue | undefined;
  readonly theirs: JsonValue | undefined;
  /** Where it stands in the merged file; from 1. */
  readonly line: number;
  readonly column: number;
}

export interface Merged {
  readonly text: string;
  readonly conflicts: readonly Conflict[];
}
