import { lockPath } from '../bundle/lock.ts';
import { isUpToDate } from '../bundle/reason.ts';
import { repositoriesOf } from '../bundle/plan-target.ts';
import type { ActualStages } from '../fleet/load.ts';
import type { TargetResult, TemplateSet } from '../model/bundle.ts';
import type { ClusterStage, Fleet, Stage, Target } from '../model/fleet.ts';
import { readMarker } from '../model/marker.ts';
import type { Forge } from '../model/ports.ts';
import type { Inspection } from '../model/survey.ts';
import type { Progress } from '../model/waves.ts';
import { provenStage, type Standing } from '../waves/progress.ts';
import { isCentral, type WaveView } from './wave-view.ts';

/** What a run may do now, and what it may not. */
export interface Allowed {
  /** Moves to open, or whose pull request is open and to be kept up to date. */
  readonly moves: readonly Progress[];
  /** The targets nothing can be done for, each with why. */
  readonly others: readonly TargetResult[];
}

/** Divides the targets asked for into those whose next move is allowed and those that are not, each with its reason.
 *  @param wave  only moves of this wave */
export function allowedMoves(view: WaveView, targets: readonly Target[], wave: string | undefined): Allowed {
  const byTarget = new Map<string, Progress[]>();
  for (const each of view.progress) byTarget.set(each.target, [...(byTarget.get(each.target) ?? []), each]);
  const moves: Progress[] = [];
  const others: TargetResult[] = [];
  for (const { id, kind } of targets) {
    const all = (byTarget.get(id) ?? []).filter((each) => wave === undefined || each.wave === wave);
    const move = all.find(({ state }) => state !== 'done');
    const problems = view.problems.get(id);
    if (problems !== undefined) others.push(failed(id, problems));
    else if (move === undefined) {
      if (all.length > 0) others.push({ target: id, outcome: 'unchanged', reason: 'done', problems: [] });
    } else if (move.stage === 'strict' && (move.state === 'next' || move.state === 'open'))
      others.push(waiting(move, `STRICT has its own gate: meshwright strict ${id.replace('cluster/', '')}`));
    else if (move.state === 'next' || (move.state === 'open' && !isInForce(view, move, kind)))
      moves.push(move);
    else others.push(waiting(move, move.reason ?? 'its pull request is open'));
  }
  return { moves, others };
}

/** A move that is merged but for a pull request elsewhere has nothing to be opened. */
function isInForce(view: WaveView, { target, stage }: Progress, kind: Target['kind']): boolean {
  const known = view.standings.get(target)?.stage;
  return kind === 'namespace' && (known === stage || known === 'enforced');
}

function waiting({ target, url }: Progress, reason: string): TargetResult {
  return { target, outcome: 'waiting', ...(url !== undefined && { url }), reason, problems: [] };
}

function failed(target: string, problems: TargetResult['problems']): TargetResult {
  return { target, outcome: 'failed', reason: problems[0]?.message, problems };
}

/** How far everything is on the forge, and the moves as if they were merged: what their bundles are made for. A lock that
 *  nothing proves counts as far as the fleet declares the same. */
export function stagesWith(view: WaveView, moves: readonly Progress[], fleet: Fleet): ActualStages {
  const namespaces = new Map<string, Stage>();
  const clusters = new Map<string, ClusterStage>();
  const wanted = new Map(moves.map(({ target, stage }) => [target, stage]));
  for (const target of fleet.targets) {
    const stage = wanted.get(target.id) ?? knownStage(view, target, fleet);
    if (target.kind === 'cluster') clusters.set(target.cluster, stage === 'strict' ? stage : 'permissive');
    else namespaces.set(target.id, stage === 'joined' || stage === 'enforced' ? stage : 'outside');
  }
  return { namespaces, clusters };
}

function knownStage(view: WaveView, target: Target, { gates }: Fleet): Standing['stage'] {
  const standing = view.standings.get(target.id);
  if (standing === undefined) return undefined;
  const order: readonly (Standing['stage'] | undefined)[] = [
    'outside',
    'permissive',
    'joined',
    'strict',
    'enforced',
  ];
  const proven = provenStage(target.id, standing, gates.verified);
  const declared =
    order.indexOf(target.stage) < order.indexOf(standing.stage) ? target.stage : standing.stage;
  return order.indexOf(proven) > order.indexOf(declared) ? proven : declared;
}

/** What fleet.yaml must say so that it follows the forge: stages that are proven to be further there than declared, and the
 *  moves made now. What people took back, or desired state beyond, stays as they declared it. */
export function stagesToDeclare(
  view: WaveView,
  moves: readonly Pick<Progress, 'target' | 'stage'>[],
  fleet: Fleet,
): {
  readonly namespaces: readonly {
    readonly namespace: string;
    readonly environment: string;
    readonly stage: Stage;
  }[];
  readonly clusters: readonly string[];
} {
  const made = new Map(moves.map(({ target, stage }) => [target, stage]));
  const namespaces: { namespace: string; environment: string; stage: Stage }[] = [];
  const clusters: string[] = [];
  for (const target of fleet.targets) {
    const standing = view.standings.get(target.id);
    const isHeld = [...(standing?.rollbacks.values() ?? [])].some(({ state }) => state === 'open');
    const isKnown = standing !== undefined && !isHeld;
    const stage =
      made.get(target.id) ?? (isKnown ? provenStage(target.id, standing, fleet.gates.verified) : undefined);
    if (target.kind === 'cluster') {
      if (stage === 'strict' && target.stage !== 'strict') clusters.push(target.cluster);
    } else if (
      (stage === 'joined' && target.stage === 'outside') ||
      (stage === 'enforced' && target.stage !== stage)
    )
      namespaces.push({ namespace: target.namespace, environment: target.environment, stage });
  }
  return { namespaces, clusters };
}

/** The targets of moves as they are to be opened: with each namespace whose manifest the clusters bring, its clusters
 *  first.
 *  @param fleet  at the stages of `stagesWith` */
export function targetsToOpen(moves: readonly Progress[], fleet: Fleet): readonly Target[] {
  const wanted = new Set(moves.map(({ target }) => target));
  const central = new Set(
    fleet.targets
      .filter((target) => wanted.has(target.id) && isCentral(target))
      .map((each) => each.environment),
  );
  return fleet.targets.filter(
    (target) => wanted.has(target.id) || (target.kind === 'cluster' && central.has(target.environment)),
  );
}

/** Those of the targets whose open pull request is what a run would make it, known without a clone: an earlier run
 *  found its branch to hold the bundle that its text describes, on what the base branch is at now; it was made from the
 *  same fleet and templates; and it carries its labels and reviewers. */
export async function settledTargets(
  view: WaveView,
  moves: readonly Progress[],
  targets: readonly Target[],
  { fleet, templates }: { readonly fleet: Fleet; readonly templates: TemplateSet },
  forge: Forge,
): Promise<ReadonlyMap<string, string>> {
  const byId = new Map<string, Target>(targets.map((target) => [target.id, target]));
  const open = moves.flatMap(({ target: id, stage }) => {
    const target = byId.get(id);
    const pull = view.standings.get(id)?.pulls.get(stage);
    const isAlone = target?.kind === 'namespace' && repositoriesOf(target).length === 1 && !isCentral(target);
    return isAlone && pull?.state === 'open' ? [{ target, pull }] : [];
  });
  const inspections = await forge.inspect(
    open.map(({ target, pull }) => ({
      repository: target.repository,
      number: pull.number,
      branch: pull.branch,
      file: lockPath(target.id),
    })),
  );
  const settled = new Map<string, string>();
  for (const [index, { target, pull }] of open.entries()) {
    const inspection = inspections[index];
    if (inspection?.ok === true && isSettled(target, inspection.value, fleet, templates))
      settled.set(target.id, pull.url);
  }
  return settled;
}

function isSettled(target: Target, inspection: Inspection, fleet: Fleet, templates: TemplateSet): boolean {
  const { body, labels, reviewers, text, holds } = inspection;
  const marker = readMarker(body);
  const asked = new Set(reviewers.map((name) => name.toLowerCase()));
  return (
    marker?.target === target.id &&
    marker.stage === target.stage &&
    marker.bundle === holds &&
    fleet.forge.labels.every((label) => labels.includes(label)) &&
    fleet.forge.reviewers.every((name) => asked.has(name.toLowerCase())) &&
    isUpToDate(target, (id) => (id === target.id ? text : undefined), templates)
  );
}
