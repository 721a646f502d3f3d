import { branchOf, distinctFormerNames, formerBranchOf } from '../bundle/branch-name.ts';
import { lockPath } from '../bundle/lock.ts';
import { lockedStage } from '../bundle/locked-stage.ts';
import { repositoriesOf } from '../bundle/plan-target.ts';
import type { ClusterStage, Fleet, ForgeSpec, Stage, Target } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import type { Answer, PullRequestRecord, Attestation } from '../model/survey.ts';
import type { Progress, Statement, Step } from '../model/waves.ts';
import {
  byMergeTime,
  progressOf,
  unjudged,
  type Asking,
  type MovePull,
  type Standing,
} from '../waves/progress.ts';
import { attestationOf } from '../waves/attestation.ts';
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
    const isOwn = repository === target.repository;
    const found = answer?.ok === true ? standingOf(target, answer.value, fleet, isOwn, distinct) : answer;
    const before = standings.get(target.id);
    if (found?.ok !== true) problems.set(target.id, found?.problems ?? []);
    else if (isOwn) standings.set(target.id, found.value);
    else if (before !== undefined) standings.set(target.id, withRelated(before, found.value));
  }
  for (const id of problems.keys()) standings.delete(id);
  relateClusters(fleet, standings);
  const judged = await withVerdicts(fleet, forge, steps, standings);
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

/** @param isOwn  whether the answer is about the target's own repository, the one with its lock
 *  @param distinct  branch names of earlier versions that are one target's alone */
function standingOf(
  target: Target,
  { text, branches }: Answer,
  { forge, gates }: Fleet,
  isOwn: boolean,
  distinct: ReadonlySet<string>,
): Outcome<Standing> {
  const locked = text === undefined || !isOwn ? undefined : lockedStage(text, target);
  if (locked?.ok === false) return locked;
  const pulls = new Map<Stage | ClusterStage, MovePull>();
  const merged = new Map<Stage | ClusterStage, readonly MovePull[]>();
  const rollbacks = new Map<Stage | ClusterStage, PullRequestRecord>();
  for (const { stage, isBack, names } of branchesOf(target, forge, distinct)) {
    const all = names.flatMap((branch) => {
      const { pullRequests, exists } = branches.get(branch) ?? { pullRequests: [], exists: false };
      return pullRequests.map((pull): MovePull => ({ ...pull, branch, hasBranch: exists }));
    });
    all.sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1));
    const open = all.find(({ state }) => state === 'open');
    const done = all.filter(({ state }) => state === 'merged').sort(byMergeTime);
    const newest = open ?? all[0];
    if (newest === undefined) continue;
    const back = open ?? done[0];
    if (!isBack) {
      pulls.set(stage, newest);
      merged.set(stage, done);
    } else if (back !== undefined) rollbacks.set(stage, back);
  }
  const stage = locked?.value ?? statedStage(target, gates.verified);
  return success({ stage, pulls, merged, rollbacks, related: new Map(), attestations: new Map() });
}

/** What the operator states of a target that was moved without Meshwright and so has no lock. */
function statedStage({ id }: Target, statements: readonly Statement[]): Standing['stage'] {
  const stated = statements.filter(({ target }) => target === id).map(({ stage }) => stage);
  return (['strict', 'enforced', 'permissive', 'joined'] as const).find((stage) => stated.includes(stage));
}

/** With the pull requests of another repository that a stage waits for: whatever was wanted there and is not merged. */
function withRelated(standing: Standing, { pulls }: Pick<Standing, 'pulls'>): Standing {
  const missing = [...pulls].filter(([, { state }]) => state !== 'merged');
  return missing.length === 0
    ? standing
    : { ...standing, related: new Map([...standing.related, ...missing]) };
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
      if (pull !== undefined) related = withRelated(related, { pulls: new Map([['joined', pull]]) });
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

/** The standings with what was said of the merged pull requests that a gate depends on. */
async function withVerdicts(
  fleet: Fleet,
  forge: Forge,
  steps: readonly Step[],
  standings: ReadonlyMap<string, Standing>,
): Promise<Pick<WaveView, 'standings' | 'problems'>> {
  const byId = new Map<string, Target>(fleet.targets.map((target) => [target.id, target]));
  const wanted = unjudged(steps, standings).flatMap(({ target: id, pull }) => {
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
    const attestation = attestationOf(inspection.value.remarks, pull.mergedAt ?? '');
    const attestations: ReadonlyMap<number, Attestation> =
      attestation === undefined
        ? standing.attestations
        : new Map([...standing.attestations, [pull.number, attestation]]);
    known.set(target.id, { ...standing, attestations });
  }
  return { standings: known, problems };
}
