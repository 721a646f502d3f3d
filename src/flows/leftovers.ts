import { lockPath } from '../bundle/lock.ts';
import { lockedStage } from '../bundle/locked-stage.ts';
import { plannedTarget } from '../bundle/plan-target.ts';
import { orphanedLocks, orphanProblem } from '../bundle/read-locks.ts';
import type { PlannedTarget } from '../model/bundle.ts';
import type { ForgeSpec, Target } from '../model/fleet.ts';
import type { RepoPath, TargetId } from '../model/named.ts';
import type { Forge, Tree } from '../model/ports.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';

/** Which locks the fleet accounts for, and which are taken over by what is planned. */
interface Accounted {
  readonly fleetLocks: ReadonlySet<TargetId>;
  readonly planned: readonly PlannedTarget[];
}

/** What a repository holds of targets that the fleet no longer has: one result for each of their locks. */
export async function orphansIn(
  tree: Tree,
  { fleetLocks, planned }: Accounted,
): Promise<Outcome<readonly PlannedTarget[]>> {
  const { snapshot } = tree;
  const replaced = new Set(
    planned.flatMap(({ bundles }) =>
      bundles.flatMap(({ changes }) =>
        changes.flatMap(({ path, after }) => (after === undefined ? [path] : [])),
      ),
    ),
  );
  const ids = orphanedLocks(snapshot, fleetLocks).filter((id) => !replaced.has(lockPath(id)));
  if (ids.length === 0) return success([]);
  const read = await tree.read(ids.map(lockPath));
  if (!read.ok) return read;
  const { files } = read.value;
  return success(
    ids.map((id): PlannedTarget => {
      const problem = orphanProblem(id, files.get(lockPath(id)), snapshot);
      return { target: id, bundles: [], problems: [problem] };
    }),
  );
}

/** The same on the base branches of the targets' repositories. */
export async function orphansOnForge(
  targets: readonly Target[],
  forge: Forge,
  forgeSpec: ForgeSpec,
  accounted: Accounted,
): Promise<readonly PlannedTarget[]> {
  const found: PlannedTarget[] = [];
  const visited = targets.filter(({ stage }) => stage !== 'outside').map(({ repository }) => repository);
  for (const repository of new Set(visited)) {
    const state = await forge.state(repository, forgeSpec.baseBranch, undefined);
    // Planning its targets has said that the repository can't be read.
    if (!state.ok) continue;
    const orphans = await orphansIn(state.value.base, accounted);
    if (!orphans.ok) continue;
    for (const { target, bundles, problems } of orphans.value)
      found.push({ target, bundles, problems: problems.map((problem) => ({ ...problem, repository })) });
  }
  return found;
}

/** Whether a target that the fleet keeps outside the mesh still has a bundle: its lock says so. */
export async function outsideIn(target: Target, tree: Tree): Promise<Outcome<Problem | undefined>> {
  const path = lockPath(target.id);
  if (!tree.snapshot.paths.has(path)) return success(undefined);
  const read = await tree.read([path]);
  return read.ok ? success(stillThere(target, path, read.value.files.get(path))) : read;
}

/** The same on the forge, for many targets in few requests. */
export async function outsideOnForge(
  targets: readonly Target[],
  forge: Forge,
  forgeSpec: ForgeSpec,
): Promise<readonly PlannedTarget[]> {
  const outside = targets.filter(({ stage }) => stage === 'outside');
  if (outside.length === 0) return [];
  const questions = outside.map(({ id, repository }) => ({ repository, file: lockPath(id), branches: [] }));
  const answers = await forge.survey(questions, forgeSpec.baseBranch);
  return outside.flatMap((target, index) => {
    const answer = answers[index];
    if (answer === undefined) return [];
    if (!answer.ok) return [plannedTarget(target, [], answer.problems)];
    const { text } = answer.value;
    const problem = text === undefined ? undefined : stillThere(target, lockPath(target.id), text);
    return problem === undefined ? [] : [plannedTarget(target, [], [problem])];
  });
}

function stillThere(target: Target, file: RepoPath, text: string | undefined): Problem | undefined {
  const locked = text === undefined ? undefined : lockedStage(text, target);
  const stage = locked?.ok === true ? locked.value : undefined;
  if (stage === 'outside') return undefined;
  return {
    rule: 'lock-outside',
    severity: 'warning',
    message: `The fleet keeps ${target.id} outside the mesh, but its repository still has what was generated for stage ${stage ?? 'unknown'}, and that stays in force.`,
    fix: `Use meshwright rollback ${target.id} --level 2, or set its stage in fleet.yaml to what is there.`,
    file,
  };
}
