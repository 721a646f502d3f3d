import { editsBetween } from '../merge/edits.ts';
import type { TemplateSet } from '../model/bundle.ts';
import type { Target } from '../model/fleet.ts';
import type { DirectoryLock, Lock } from '../model/lock.ts';
import { pathText } from './conflict.ts';
import { isLockedAt, lockInputs } from './lock.ts';
import { changesSince, versionOf } from './template-version.ts';

/** Why an upgrade is due. */
export interface Reason {
  /** Versions of the templates: those the repository was generated with, and those in hand. */
  readonly from: string;
  readonly to: string;
  /** What the templates' changelog says of the versions between, newest first. */
  readonly versions: readonly { readonly version: string; readonly changes: readonly string[] }[];
  /** What the fleet declares differently since: `services[0].callers`. */
  readonly declared: readonly string[];
}

/** Whether a lock's text says that nothing changed since; quick, and never wrong when it says yes. */
export function isUpToDate(target: Target, lockText: string, templates: TemplateSet): boolean {
  return isLockedAt(
    lockText,
    new Map(target.specs.map((spec) => [spec.directory, lockInputs(spec, templates).digest])),
  );
}

/** Why a target has to be generated again; undefined: neither templates nor fleet changed since the lock was written. */
export function reasonToUpgrade(target: Target, lock: Lock, templates: TemplateSet): Reason | undefined {
  const pairs = target.specs.map((spec) => ({
    now: lockInputs(spec, templates),
    then: lock.directories.find(({ directory }) => directory === spec.directory),
  }));
  if (pairs.every(({ now, then }) => now.digest === then?.digest)) return undefined;
  const [first] = lock.directories;
  const from = first?.templates.version ?? '';
  const sections = changesSince(templates.changelog, from).split(/^(?=## )/m);
  return {
    from,
    to: versionOf(templates.changelog),
    versions: sections
      .filter((section) => section.startsWith('## '))
      .map((section) => ({ version: versionOf(section), changes: itemsOf(section) })),
    declared: [
      ...new Set(pairs.flatMap(({ now, then }) => (then === undefined ? [] : changesOf(then, now)))),
    ],
  };
}

function changesOf(then: DirectoryLock, now: Pick<DirectoryLock, 'inputs' | 'stage'>): readonly string[] {
  const stage = then.stage === now.stage ? [] : [`stage: ${then.stage} → ${now.stage}`];
  const paths = editsBetween(then.inputs, now.inputs).map(({ path }) => pathText(path));
  return [...stage, ...paths];
}

/** The items of a Markdown list, each on one line. */
function itemsOf(section: string): readonly string[] {
  return section
    .split(/^- /m)
    .slice(1)
    .map((item) => item.replace(/\s+/g, ' ').trim());
}
