import { lockPath } from '../bundle/lock.ts';
import { readTargetLocks } from '../bundle/plan-target.ts';
import { isUpToDate, reasonToUpgrade, type Reason } from '../bundle/reason.ts';
import type { TemplateSet } from '../model/bundle.ts';
import type { ForgeSpec, Target } from '../model/fleet.ts';
import type { Forge, Tree } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import { withFiles } from '../model/snapshot.ts';

/** Whether templates or fleet changed since a target was generated; only its locks are read.
 *  @returns undefined: nothing is due, or the target was never generated (then a problem says so) */
export async function dueOn(
  target: Target,
  templates: TemplateSet,
  tree: Tree,
): Promise<Outcome<Reason | undefined>> {
  let { snapshot } = tree;
  const reading = readTargetLocks(target, snapshot);
  if (reading.needs.length > 0) {
    const read = await tree.read(reading.needs);
    if (!read.ok) return read;
    snapshot = withFiles(snapshot, read.value);
  }
  if (isUpToDate(target, (id) => snapshot.files.get(lockPath(id)), templates)) return success(undefined);
  const { locks } = readTargetLocks(target, snapshot);
  if (!locks.ok) return locks;
  if (locks.value.has(target.id)) return success(reasonToUpgrade(target, locks.value, templates));
  return success(undefined, [
    {
      rule: 'upgrade-not-generated',
      severity: 'info',
      message: `${target.id} was not generated yet: its repository has no lock of it.`,
      fix: `Use meshwright open ${target.id} first.`,
    },
  ]);
}

/** The same on the forge's base branch. */
export async function dueOnForge(
  target: Target,
  templates: TemplateSet,
  forge: Forge,
  forgeSpec: ForgeSpec,
): Promise<Outcome<Reason | undefined>> {
  const state = await forge.state(target.repository, forgeSpec.baseBranch, undefined);
  return state.ok ? dueOn(target, templates, state.value.base) : state;
}
