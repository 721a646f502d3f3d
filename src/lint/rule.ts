import type { YamlEdit } from '../model/edit.ts';
import type { YamlPath } from '../model/json.ts';
import type { Severity } from '../model/problem.ts';
import type { KindName, Resource } from '../model/resource.ts';
import type { Inventory } from '../mesh/inventory.ts';

/** One thing a rule has found, at one place of one object. */
export interface Finding {
  readonly resource: Resource;
  /** What is wrong: the deepest value that shows it. */
  readonly path: YamlPath;
  /** Whether the key shows it better than its value. */
  readonly at?: 'key' | 'value';
  /** The reason, in one sentence, with the names of this very case. */
  readonly message: string;
  /** What to do about it here, in the imperative. */
  readonly fix?: string;
  /** When it is worse, or less bad, than the rule usually is. */
  readonly severity?: Severity;
  /** Changes of the object that mend it and can't do harm; paths are inside the object. `lint --fix` makes them. */
  readonly edits?: readonly YamlEdit[];
}

/** One trap: one file in `rules/`, one line in `rules/index.ts`, one folder of examples in test/lint/rules. Pure. */
export interface Rule {
  /** In words, in kebab-case: what is wrong. Stable: people configure and suppress by it. */
  readonly id: string;
  readonly severity: Severity;
  /** Kinds it reads; a rule runs only where one of them is there. */
  readonly kinds: readonly [KindName, ...KindName[]];
  /** What it finds, as a phrase without a full stop. */
  readonly summary: string;
  /** What happens on the cluster, and why nobody sees it coming. Markdown, a few sentences. */
  readonly why: string;
  /** What to do, in general. Markdown, a sentence or two. */
  readonly fix: string;
  /** Codes of `istioctl analyze` (IST0101) and Kiali (KIA1101) that say the same. */
  readonly equivalent: readonly string[];
  /** Pages that the rule follows. */
  readonly see: readonly string[];
  check(inventory: Inventory): Iterable<Finding>;
}

/** Holds a rule to its type. */
export function rule(definition: Rule): Rule {
  return definition;
}
