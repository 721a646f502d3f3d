import { editsBetween } from '../merge/edits.ts';
import type { TemplateSet } from '../model/bundle.ts';
import type { Target } from '../model/fleet.ts';
import type { DirectoryLock, Lock } from '../model/lock.ts';
import { pathText } from './conflict.ts';
import { isLockedAt, lockInputs } from './lock.ts';
import { changesSince, versionOf } from './template-version.ts';
import { desiredStatesByLock, desiredStatesOf } from './desired-states.ts';
import type { TargetId } from '../model/named.ts';

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

/** Whether the texts of a target's locks say that nothing changed since; quick, and never wrong when it says yes.
 *  @param textOf  the text of a lock; undefined: there is none */
export function isUpToDate(
  target: Target,
  textOf: (lock: TargetId) => string | undefined,
  templates: TemplateSet,
): boolean {
  return [...desiredStatesByLock(target)].every(([id, desiredStates]) => {
    const wanted = new Map(
      desiredStates.map((desired) => [desired.directory, lockInputs(desired, templates).digest]),
    );
    return isLockedAt(textOf(id) ?? '', id, wanted);
  });
}

/** Why a target has to be generated again; undefined: neither templates nor fleet changed since its locks were written.
 *  @param locks  those of the target, its own first
 *  @param moves  what moved or was renamed since */
export function reasonToUpgrade(
  target: Target,
  locks: ReadonlyMap<TargetId, Lock>,
  templates: TemplateSet,
  moves: readonly string[],
): Reason | undefined {
  const pairs = desiredStatesOf(target).map((desired) => ({
    now: lockInputs(desired, templates),
    then: locks.get(desired.lock)?.directories.find(({ directory }) => directory === desired.directory),
  }));
  const isSame = pairs.every(({ now, then }) => now.digest === then?.digest);
  if (isSame && moves.length === 0) return undefined;
  const first = locks.get(target.id)?.directories[0];
  const from = first?.templates.version ?? '';
  const sections = changesSince(templates.changelog, from).split(/^(?=## )/m);
  return {
    from,
    to: versionOf(templates.changelog),
    versions: sections
      .filter((section) => section.startsWith('## '))
      .map((section) => ({ version: versionOf(section), changes: itemsOf(section) })),
    declared: [
      ...new Set([
        ...moves,
        ...pairs.flatMap(({ now, then }) => (then === undefined ? [] : changesOf(then, now))),
      ]),
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
