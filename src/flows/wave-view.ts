import { branchOf, distinctFormerNames, formerBranchOf } from '../bundle/branch-name.ts';
import { lockedStage, lockPath } from '../bundle/lock.ts';
import { repositoriesOf } from '../bundle/plan-target.ts';
import type { ClusterStage, Fleet, ForgeSpec, Stage, Target } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import type { Answer, PullRequestRecord, Verdict } from '../model/survey.ts';
import type { Progress, Step } from '../model/waves.ts';
import { progressOf, unjudged, type Asking, type MovePull, type Standing } from '../waves/progress.ts';
import { verdictOf } from '../waves/verdict.ts';
import { planFleetWaves } from './wave-plan.ts';

/** Where every target of the plan stands, derived from the forge alone: whoever asks with the same fleet file gets the same
 *  answer. */
export interface WaveView {
  readonly steps: readonly Step[];
  readonly standings: ReadonlyMap<string, Standing>;
  readonly progress: readonly Progress[];
  /** What could not be looked at, by target. */
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
}

/** @param maxSize  how many namespaces a wave may have */
export async function viewWaves(
  fleet: Fleet,
  forge: Forge,
  maxSize: number,
  asking: Asking,
): Promise<WaveView> {
  const { steps } = planFleetWaves(fleet, maxSize);
  const distinct = distinctFormerNames(fleet.targets, fleet.forge);
  const asked = fleet.targets.flatMap((target) =>
    repositoriesOf(target).map((repository) => ({ target, repository })),
  );
  const answers = await forge.survey(
    asked.map(({ target, repository }) => ({
      repository,
      file: lockPath(target.id),
      branches: branchesOf(target, fleet.forge, distinct).flatMap(({ names }) => names),
    })),
    fleet.forge.baseBranch,
  );
  const standings = new Map<string, Standing>();
  const problems = new Map<string, readonly Problem[]>();
  for (const [index, { target, repository }] of asked.entries()) {
    const answer = answers[index];
    const found = answer?.ok === true ? standingOf(target, answer.value, fleet.forge, distinct) : answer;
    const before = standings.get(target.id);
    if (found?.ok !== true) problems.set(target.id, found?.problems ?? []);
    else if (repository === target.repository) standings.set(target.id, found.value);
    else if (before !== undefined) standings.set(target.id, withRelated(before, found.value.pulls));
  }
  for (const id of problems.keys()) standings.delete(id);
  relateClusters(fleet, standings);
  const judged = await withVerdicts(fleet, forge, steps, standings, asking);
  for (const [target, found] of judged.problems) problems.set(target, found);
  return {
    steps,
    standings: judged.standings,
    progress: progressOf(steps, judged.standings, asking),
    problems,
  };
}

interface MoveBranch {
  readonly stage: Stage | ClusterStage;
  readonly isBack: boolean;
  /** Its name, and the one of earlier versions where that is no other target's. */
  readonly names: readonly string[];
}

/** The head branches of a target's moves, and of those that take them back. */
function branchesOf(target: Target, forge: ForgeSpec, distinct: ReadonlySet<string>): readonly MoveBranch[] {
  const uses =
    target.kind === 'cluster'
      ? ([
          ['permissive', false],
          ['strict', false],
          ['permissive', true],
        ] as const)
      : ([
          ['joined', false],
          ['enforced', false],
          ['joined', true],
          ['outside', true],
        ] as const);
  return uses.map(([stage, isBack]) => {
    const staged = { ...target, stage } as Target;
    const use = isBack ? 'rollback' : 'stage';
    const former = formerBranchOf(staged, forge, use);
    return {
      stage,
      isBack,
      names: [branchOf(staged, forge, use), ...(distinct.has(former) ? [former] : [])],
    };
  });
}

function standingOf(
  target: Target,
  { text, branches }: Answer,
  forge: ForgeSpec,
  distinct: ReadonlySet<string>,
): Outcome<Standing> {
  const stage = text === undefined ? undefined : lockedStage(text);
  if (text !== undefined && stage === undefined) return failure(damaged(target));
  const pulls = new Map<Stage | ClusterStage, MovePull>();
  const rollbacks = new Map<Stage | ClusterStage, PullRequestRecord>();
  for (const { stage: of, isBack, names } of branchesOf(target, forge, distinct)) {
    // Once there is a pull request under today's name, those under the earlier one are history.
    const branch = names.find((name) => (branches.get(name)?.pullRequests.length ?? 0) > 0);
    const record = branches.get(branch ?? '');
    const newest = record?.pullRequests.find(({ state }) => state === 'open') ?? record?.pullRequests[0];
    if (branch === undefined || record === undefined || newest === undefined) continue;
    if (isBack) rollbacks.set(of, newest);
    else pulls.set(of, { ...newest, branch, hasBranch: record.exists });
  }
  return success({ stage, pulls, rollbacks, related: new Map(), verdicts: new Map() });
}

function withRelated(standing: Standing, pulls: Standing['pulls']): Standing {
  const open = [...pulls].filter(([, { state }]) => state === 'open');
  return open.length === 0 ? standing : { ...standing, related: new Map([...standing.related, ...open]) };
}

/** Where the clusters bring the Namespace manifests, a namespace has not joined before its cluster's bundle is merged. */
function relateClusters(fleet: Fleet, standings: Map<string, Standing>): void {
  for (const target of fleet.targets) {
    const standing = standings.get(target.id);
    if (standing === undefined || !isCentral(target)) continue;
    let related = standing;
    for (const cluster of fleet.targets) {
      if (cluster.kind !== 'cluster' || cluster.environment !== target.environment) continue;
      const pull = standings.get(cluster.id)?.pulls.get('permissive');
      if (pull !== undefined) related = withRelated(related, new Map([['joined', pull]]));
    }
    standings.set(target.id, related);
  }
}

/** Whether the clusters' bundles bring a target's Namespace manifest. */
export function isCentral(target: Target): boolean {
  return (
    target.kind === 'namespace' &&
    target.specs.some(({ namespaceManifest }) => namespaceManifest.kind === 'cluster')
  );
}

function damaged({ id, repository }: Target): Problem {
  return {
    rule: 'lock-damaged',
    severity: 'error',
    message: `The lock of ${id} in ${repository} says no stage.`,
    fix: 'Take it back from git: git log shows its last good version.',
    repository,
    file: lockPath(id),
  };
}

/** The standings with what was said of the merged pull requests that a gate depends on. */
async function withVerdicts(
  fleet: Fleet,
  forge: Forge,
  steps: readonly Step[],
  standings: ReadonlyMap<string, Standing>,
  asking: Asking,
): Promise<Pick<WaveView, 'standings' | 'problems'>> {
  const byId = new Map<string, Target>(fleet.targets.map((target) => [target.id, target]));
  const wanted = unjudged(steps, standings, asking).flatMap(({ target: id, pull }) => {
    const target = byId.get(id);
    return target === undefined ? [] : [{ target, pull }];
  });
  const inspections = await forge.inspect(
    wanted.map(({ target, pull }) => ({
      repository: target.repository,
      number: pull.number,
      branch: pull.branch,
      file: lockPath(target.id),
    })),
  );
  const known = new Map(standings);
  const problems = new Map<string, readonly Problem[]>();
  for (const [index, { target, pull }] of wanted.entries()) {
    const inspection = inspections[index];
    const standing = known.get(target.id);
    if (inspection?.ok !== true || standing === undefined) {
      // A gate that can't be looked at is a closed one.
      known.delete(target.id);
      problems.set(target.id, inspection?.problems ?? []);
      continue;
    }
    const verdict = verdictOf(inspection.value.remarks, pull.mergedAt ?? '');
    const verdicts: ReadonlyMap<number, Verdict> =
      verdict === undefined ? standing.verdicts : new Map([...standing.verdicts, [pull.number, verdict]]);
    known.set(target.id, { ...standing, verdicts });
  }
  return { standings: known, problems };
}
