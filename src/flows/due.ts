import { lockPath } from '../bundle/lock.ts';
import { readTargetLock } from '../bundle/plan-target.ts';
import { isUpToDate, reasonToUpgrade, type Reason } from '../bundle/reason.ts';
import type { TemplateSet } from '../model/bundle.ts';
import type { ForgeSpec, Target } from '../model/fleet.ts';
import type { Forge, Tree } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import { withFiles } from '../model/snapshot.ts';

/** Whether templates or fleet changed since a target was generated; only its lock is read.
 *  @returns undefined: nothing is due, or the target was never generated (then a problem says so) */
export async function dueOn(
  target: Target,
  templates: TemplateSet,
  tree: Tree,
): Promise<Outcome<Reason | undefined>> {
  let { snapshot } = tree;
  const path = lockPath(target.id);
  if (snapshot.paths.has(path) && !snapshot.files.has(path)) {
    const read = await tree.read([path]);
    if (!read.ok) return read;
    snapshot = withFiles(snapshot, read.value);
  }
  const text = snapshot.files.get(path);
  if (text !== undefined && isUpToDate(target, text, templates)) return success(undefined);
  const reading = readTargetLock(target, snapshot);
  if (!reading.lock.ok) return reading.lock;
  const lock = reading.lock.value;
  if (lock !== undefined) return success(reasonToUpgrade(target, lock, templates));
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
