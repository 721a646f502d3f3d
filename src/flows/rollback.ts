import { objectChanges } from '../bundle/object-changes.ts';
import { repositoriesOf } from '../bundle/plan-target.ts';
import type { PlanOptions } from '../bundle/directory-plan.ts';
import type { ObjectChange, TemplateSet } from '../model/bundle.ts';
import type { ClusterStage, Fleet, ForgeSpec, Stage, Target } from '../model/fleet.ts';
import type { Forge, Tree } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import { withChanges } from '../model/snapshot.ts';
import { readLocks } from './due.ts';
import { planOn } from './plan-on.ts';
import { checkoutOf } from './read-until.ts';

/** Level 1 stops enforcing: PERMISSIVE, policies that only report. Level 2 takes a namespace out. */
export type RollbackLevel = 1 | 2;

/** What the fleet must declare for a rollback: nothing where nothing was rolled out.
 *  @param targets  what to roll back */
export function rollbackStages(
  targets: readonly Target[],
  fleet: Fleet,
  level: RollbackLevel,
): {
  readonly clusters: readonly { readonly cluster: string; readonly mode: ClusterStage }[];
  readonly namespaces: readonly {
    readonly namespace: string;
    readonly environment: string;
    readonly stage: Stage;
  }[];
} {
  const clusters = targets.flatMap((target) =>
    target.kind === 'cluster' && target.stage === 'strict'
      ? [{ cluster: target.cluster, mode: 'permissive' as const }]
      : [],
  );
  const environments = new Set(
    targets.filter(({ kind }) => kind === 'cluster').map((each) => each.environment),
  );
  const named = new Set(targets.map(({ id }) => id));
  const namespaces = fleet.targets.flatMap((target) => {
    if (target.kind === 'cluster') return [];
    // A cluster's level 1 takes along whatever is in force on it: PERMISSIVE alone undoes no policy.
    if (!named.has(target.id) && !environments.has(target.environment)) return [];
    const stage: Stage = level === 2 ? 'outside' : 'joined';
    const isDue = level === 2 ? target.stage !== 'outside' : target.stage === 'enforced';
    return isDue ? [{ namespace: target.namespace, environment: target.environment, stage }] : [];
  });
  return { clusters, namespaces };
}

/** The targets of the rolled-back fleet that a rollback touches, clusters first: their PERMISSIVE helps at once, and a
 *  label must be gone before pods roll.
 *  @param wanted  targets that were named
 *  @param fleet  as it is to be declared */
export function rollbackTargets(
  wanted: readonly Target[],
  fleet: Fleet,
  level: RollbackLevel,
): readonly Target[] {
  const named = new Set(wanted.map(({ id }) => id));
  const clustersOf = new Set(wanted.filter(({ kind }) => kind === 'cluster').map((each) => each.environment));
  // Their bundles hold the label of a central namespace, and under STRICT the rule for one without sidecars.
  const left = new Set(wanted.filter(({ kind }) => kind === 'namespace').map((each) => each.environment));
  return fleet.targets.filter((target) => {
    // Who is outside already has nothing in force, and level 1 must not take anyone out.
    if (target.stage === 'outside' && level === 1) return false;
    if (named.has(target.id)) return true;
    if (target.kind === 'namespace') return clustersOf.has(target.environment);
    return level === 2 && left.has(target.environment);
  });
}

/** Those of the targets that were ever rolled out: their repository has a lock of them. */
export async function rolledOut(
  targets: readonly Target[],
  forge: Forge,
  forgeSpec: ForgeSpec,
  { fleetLocks }: PlanOptions,
): Promise<Outcome<readonly Target[]>> {
  const found: Target[] = [];
  for (const target of targets) {
    const state = await forge.state(target.repository, forgeSpec.baseBranch, undefined);
    if (!state.ok) return state;
    const read = await readLocks(target, checkoutOf(state.value.base), fleetLocks);
    if (!read.ok) return read;
    const { locks } = read.value.value;
    if (!locks.ok) return locks;
    if (locks.value.has(target.id)) found.push(target);
  }
  return success(found);
}

/** What the rollback means for the objects of the clusters, for whoever can't wait for a pull request. */
export async function rollbackObjects(
  targets: readonly Target[],
  templates: TemplateSet,
  forge: Forge,
  forgeSpec: ForgeSpec,
  options: PlanOptions,
): Promise<Outcome<readonly ObjectChange[]>> {
  const found: ObjectChange[] = [];
  for (const target of targets)
    for (const repository of repositoriesOf(target)) {
      const state = await forge.state(repository, forgeSpec.baseBranch, undefined);
      if (!state.ok) return state;
      const changes = await objectsIn(target, repository, state.value.base, templates, options);
      if (!changes.ok) return changes;
      found.push(...changes.value);
    }
  return success(found);
}

async function objectsIn(
  target: Target,
  repository: Target['repository'],
  tree: Tree,
  templates: TemplateSet,
  options: PlanOptions,
): Promise<Outcome<readonly ObjectChange[]>> {
  const plan = await planOn({ target, repository, templates }, checkoutOf(tree), options);
  if (!plan.ok) return plan;
  const { bundle, snapshot } = plan.value;
  return success(
    objectChanges(target, repository, snapshot, withChanges(snapshot, bundle.changes)),
    bundle.problems,
  );
}
