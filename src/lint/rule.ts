import type { YamlEdit } from '../model/edit.ts';
import type { YamlPath } from '../model/json.ts';
import type { Severity } from '../model/problem.ts';
import type { KindName, Resource } from '../model/resource.ts';
import type { Inventory } from '../mesh/inventory.ts';

/** One thing that a rule found, at one location in one object. */
export interface Finding {
  readonly resource: Resource;
  /** The deepest value that shows what is wrong. */
  readonly path: YamlPath;
  /** Whether the key shows it better than its value. */
  readonly at?: 'key' | 'value';
  /** What is wrong (object, field, value) and what it causes, with the names of this case. At most three short sentences. */
  readonly message: string;
  /** What to do about it here, in the imperative. */
  readonly fix?: string;
  /** If it is more or less severe than the rule usually is. */
  readonly severity?: Severity;
  /** Changes to the object that fix it and are safe; paths are inside the object. `lint --fix` makes them. */
  readonly edits?: readonly YamlEdit[];
}

/** A finding in an object that the caller knows. */
export type FindingDetails = Omit<Finding, 'resource'>;

/** One thing to look for: one file in `rules/`, one line in `rules/index.ts`, one folder of examples in test/lint/rules. Pure. */
export interface Rule {
  /** What is wrong, in kebab-case. Stable: people configure and suppress rules by it. */
  readonly id: string;
  readonly severity: Severity;
  /** Kinds that it reads; a rule runs only if there is an object of one of them. */
  readonly kinds: readonly [KindName, ...KindName[]];
  /** What it finds, as a phrase without a full stop. */
  readonly summary: string;
  /** What happens on the cluster, when the rule applies, and what it skips. Markdown, a few sentences. */
  readonly why: string;
  /** What to do, in general. Markdown, a sentence or two. */
  readonly fix: string;
  /** Equivalent codes of `istioctl analyze` (IST0101) and Kiali (KIA1101). */
  readonly equivalent: readonly string[];
  /** Pages that the rule is based on. */
  readonly see: readonly string[];
  check(inventory: Inventory): Iterable<Finding>;
}

/** Holds a rule to its type. */
export function rule(definition: Rule): Rule {
  return definition;
}
