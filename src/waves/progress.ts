import type { PullRequestRecord, Verdict } from '../model/survey.ts';
import type { Gates, Move, MoveState, Progress, Step } from '../model/waves.ts';

type Stage = 'outside' | 'joined' | 'enforced' | 'permissive' | 'strict';

/** How far a target is, as its repository and its pull requests say. */
export interface Standing {
  /** What its default branch holds; undefined: nothing was generated there. */
  readonly stage: Stage | undefined;
  /** The newest pull request that brings a stage. */
  readonly pulls: ReadonlyMap<Stage, MovePull>;
  /** The newest pull request that takes a stage back. */
  readonly rollbacks: ReadonlyMap<Stage, PullRequestRecord>;
  /** Open pull requests in other places that a stage takes as well: the Namespace manifest's, the cluster's. */
  readonly related: ReadonlyMap<Stage, PullRequestRecord>;
  /** What was said of merged pull requests, by number; looked up only where a gate depends on it. */
  readonly verdicts: ReadonlyMap<number, Verdict>;
}

export interface MovePull extends PullRequestRecord {
  /** Its head branch. */
  readonly branch: string;
  /** Whether its branch is still there. */
  readonly hasBranch: boolean;
}

/** What the gates are asked with. */
export interface Asking {
  readonly gates: Gates;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How many moves of a wave may be under way at the same time. */
  readonly parallel: number;
  /** Targets that are tried again though they were rolled back. */
  readonly again: ReadonlySet<string>;
}

const rank: Readonly<Record<Stage, number>> = {
  outside: 0,
  joined: 1,
  enforced: 2,
  permissive: 1,
  strict: 2,
};

interface Phase {
  readonly step: Step;
  readonly moves: readonly Move[];
  readonly soakSeconds: number;
  readonly parallel: number;
}

/** Where every move of the plan stands. A move is next when everyone before it is through: merged, soaked and verified; in a
 *  wave everyone joins before anyone is enforced, `parallel` at a time; an environment waits for the one before it.
 *  @param standings  by target; one that could not be looked at is left out, and holds up whatever comes after it */
export function progressOf(
  steps: readonly Step[],
  standings: ReadonlyMap<string, Standing>,
  asking: Asking,
): readonly Progress[] {
  const found: Progress[] = [];
  const phases = phasesOf(steps, asking);
  const begun = lastBegun(phases, standings);
  let blocker: string | undefined;
  for (const [index, { step, moves, soakSeconds, parallel }] of phases.entries()) {
    const isPassed = index < (begun.get(step.environment) ?? 0);
    let underWay = 0;
    let first: string | undefined;
    for (const move of moves) {
      const standing = standings.get(move.target);
      if (standing === undefined) {
        first ??= `${move.target} could be looked at`;
        continue;
      }
      const own = stateOf(move, standing, soakSeconds, isPassed, asking);
      const isFull = blocker === undefined && underWay >= parallel;
      const state = own.state !== 'next' || (blocker === undefined && !isFull) ? own.state : 'waiting';
      if (state !== 'done' && state !== 'waiting') underWay++;
      if (state !== 'done') first ??= reasonAfter(move, own.state);
      const reason = state === 'waiting' ? `until ${blocker ?? first ?? ''}` : own.reason;
      const { week, name: wave, environment } = step;
      found.push({
        week,
        wave,
        environment,
        ...move,
        ...own,
        state,
        ...(reason !== undefined && { reason }),
      });
    }
    blocker ??= first;
  }
  return found;
}

/** Merged pull requests whose verdict a gate depends on: those of phases that nothing has come after yet. */
export function unjudged(
  steps: readonly Step[],
  standings: ReadonlyMap<string, Standing>,
  asking: Asking,
): readonly { readonly target: string; readonly stage: Move['stage']; readonly pull: MovePull }[] {
  const phases = phasesOf(steps, asking);
  const begun = lastBegun(phases, standings);
  return phases.flatMap(({ step, moves }, index) => {
    if (index < (begun.get(step.environment) ?? 0)) return [];
    return moves.flatMap(({ target, stage }) => {
      const standing = standings.get(target);
      const pull = standing?.pulls.get(stage);
      return standing !== undefined && isInForce(standing, stage) && pull?.mergedAt !== undefined
        ? [{ target, stage, pull }]
        : [];
    });
  });
}

function phasesOf(steps: readonly Step[], { gates, parallel }: Asking): readonly Phase[] {
  const pilots = new Set<string>();
  return steps.flatMap((step): readonly Phase[] => {
    const { what, moves, environment } = step;
    if (what !== 'wave') return [{ step, moves, soakSeconds: gates.soakSeconds[what], parallel: Infinity }];
    const soakSeconds = pilots.has(environment) ? gates.soakSeconds.wave : gates.soakSeconds.pilot;
    pilots.add(environment);
    const of = (stage: Move['stage']) => moves.filter((move) => move.stage === stage);
    return [
      { step, moves: of('joined'), soakSeconds, parallel },
      { step, moves: of('enforced'), soakSeconds, parallel },
    ];
  });
}

/** The last phase of each environment in which anything has happened: whatever came before it was found good by someone. */
function lastBegun(
  phases: readonly Phase[],
  standings: ReadonlyMap<string, Standing>,
): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const [index, { step, moves }] of phases.entries())
    for (const { target, stage } of moves) {
      const standing = standings.get(target);
      if (standing === undefined) continue;
      if (isInForce(standing, stage) || standing.pulls.get(stage)?.state === 'open')
        last.set(step.environment, index);
    }
  return last;
}

function isInForce({ stage }: Standing, wanted: Stage): boolean {
  return stage !== undefined && rank[stage] >= rank[wanted];
}

interface OwnState {
  readonly state: MoveState;
  readonly url?: string | undefined;
  readonly reason?: string | undefined;
}

/** How a move stands by itself: `next` when nothing but others is in its way. */
function stateOf(
  { target, stage }: Move,
  standing: Standing,
  soakSeconds: number,
  isPassed: boolean,
  { gates, now, again }: Asking,
): OwnState {
  const pull = standing.pulls.get(stage);
  const back = rollbackOf(standing, stage);
  const isBackNewer = back !== undefined && (pull === undefined || back.createdAt >= pull.createdAt);
  if (back?.state === 'open')
    return { state: 'held', url: back.url, reason: 'a pull request that takes it back is open' };
  if (isInForce(standing, stage)) {
    const related = standing.related.get(stage);
    if (related !== undefined) return { state: 'open', url: related.url };
    // Merged by hand, or before anybody counted: there is nothing to wait for.
    if (pull?.mergedAt === undefined || isPassed) return { state: 'done' };
    const verdict = standing.verdicts.get(pull.number);
    if (verdict?.isGood === false)
      return {
        state: 'held',
        url: pull.url,
        reason: `${verdict.by} says that it failed; roll it back, or verify it again`,
      };
    const until = Date.parse(pull.mergedAt) + soakSeconds * 1000;
    if (now < until) return { state: 'soaking', url: pull.url, reason: `soaks until ${minute(until)}` };
    if (verdict === undefined && gates.verification === 'required')
      return {
        state: 'unverified',
        url: pull.url,
        reason: 'comment /meshwright verified, or set the status meshwright/verify',
      };
    return { state: 'done' };
  }
  if (pull?.state === 'open') return { state: 'open', url: pull.url };
  if (again.has(target)) return { state: 'next' };
  if (back !== undefined && isBackNewer)
    return {
      state: 'held',
      url: back.url,
      reason: `it was rolled back; name it to try again: meshwright wave open ${target}`,
    };
  if (pull?.state === 'closed' && pull.hasBranch)
    return {
      state: 'held',
      url: pull.url,
      reason: 'someone closed it without merging; reopen it, or delete its branch',
    };
  return { state: 'next' };
}

/** The newest pull request, open or merged, that takes a stage back. */
function rollbackOf({ rollbacks }: Standing, stage: Stage): PullRequestRecord | undefined {
  return [...rollbacks]
    .filter(([to, { state }]) => rank[to] < rank[stage] && state !== 'closed')
    .map(([, pull]) => pull)
    .sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1))[0];
}

function minute(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** What others wait for, after `until`. */
function reasonAfter({ target, stage }: Move, state: MoveState): string {
  if (state === 'soaking') return `${target} has soaked`;
  if (state === 'unverified') return `${target} is verified`;
  return `${target} is ${stage}`;
}
