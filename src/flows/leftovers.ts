import { lockPath } from '../bundle/lock.ts';
import { lockedStage } from '../bundle/locked-stage.ts';
import { plannedTarget } from '../bundle/plan-target.ts';
import { orphanedLocks, orphanProblem } from '../bundle/read-locks.ts';
import type { PlannedTarget } from '../model/bundle.ts';
import type { ForgeSpec, Target } from '../model/fleet.ts';
import type { RepoPath, RepositoryId, TargetId } from '../model/named.ts';
import type { Forge, Tree } from '../model/ports.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';

/** Which locks the fleet accounts for, and which are taken over by what is planned. */
interface Accounted {
  readonly fleetLocks: ReadonlySet<TargetId>;
  readonly planned: readonly PlannedTarget[];
}

/** What a repository holds of targets that the fleet no longer has: one result for each of their locks, also for one that
 *  can't be read. */
export async function orphansIn(
  tree: Tree,
  { fleetLocks, planned }: Accounted,
): Promise<readonly PlannedTarget[]> {
  const { snapshot } = tree;
  const replaced = new Set(
    planned.flatMap(({ bundles }) =>
      bundles.flatMap(({ changes }) =>
        changes.flatMap(({ path, after }) => (after === undefined ? [path] : [])),
      ),
    ),
  );
  const ids = orphanedLocks(snapshot, fleetLocks).filter((id) => !replaced.has(lockPath(id)));
  if (ids.length === 0) return [];
  const read = await tree.read(ids.map(lockPath));
  return ids.map((id): PlannedTarget => {
    const file = lockPath(id);
    const problems = read.ok
      ? [orphanProblem(id, read.value.files.get(file), snapshot)]
      : read.problems.map((problem) => ({ ...problem, file }));
    return { target: id, bundles: [], problems };
  });
}

/** The same on the base branches of the targets' repositories.
 *  @returns what was planned, with why a repository can't be looked through at the first of its targets; then a result for
 *  each lock */
export async function withOrphansOnForge(
  targets: readonly Target[],
  forge: Forge,
  forgeSpec: ForgeSpec,
  accounted: Accounted,
): Promise<readonly PlannedTarget[]> {
  const { planned } = accounted;
  const found: PlannedTarget[] = [];
  const unread = new Map<TargetId, readonly Problem[]>();
  const visited = new Map<RepositoryId, TargetId>();
  for (const { stage, repository, id } of targets)
    if (stage !== 'outside' && !visited.has(repository)) visited.set(repository, id);
  for (const [repository, first] of visited) {
    const state = await forge.state(repository, forgeSpec.baseBranch, undefined);
    if (!state.ok) unread.set(first, state.problems);
    else
      for (const { target, bundles, problems } of await orphansIn(state.value.base, accounted))
        found.push({ target, bundles, problems: problems.map((problem) => ({ ...problem, repository })) });
  }
  const whole = planned.map((each) => {
    // Planning a target has mostly said the same already.
    const said = new Set(each.problems.map(({ rule, message }) => `${rule} ${message}`));
    const more = (unread.get(each.target) ?? []).filter(
      ({ rule, message }) => !said.has(`${rule} ${message}`),
    );
    return more.length === 0 ? each : { ...each, problems: [...each.problems, ...more] };
  });
  return [...whole, ...found];
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
