import type { PullRequestRecord, Attestation } from '../model/survey.ts';
import type { Gates, Move, MoveState, Progress, Statement, Step } from '../model/waves.ts';

type MoveStage = 'outside' | 'joined' | 'enforced' | 'permissive' | 'strict';

/** How far a target is, as its repository and its pull requests say. */
export interface Standing {
  /** What the lock of its default branch says; undefined: nothing was generated there. It proves nothing to a gate. */
  readonly stage: MoveStage | undefined;
  /** The open pull request that brings a stage, or else the newest one. */
  readonly pulls: ReadonlyMap<MoveStage, MovePull>;
  /** Every merged pull request that brought a stage, newest first. */
  readonly merged: ReadonlyMap<MoveStage, readonly MovePull[]>;
  /** The open pull request that takes a stage back, or else the one merged last. */
  readonly rollbacks: ReadonlyMap<MoveStage, PullRequestRecord>;
  /** Pull requests in other places that a stage takes as well, not merged: the Namespace manifest's, the cluster's. */
  readonly related: ReadonlyMap<MoveStage, PullRequestRecord>;
  /** What was said of merged pull requests, by number. */
  readonly attestations: ReadonlyMap<number, Attestation>;
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

const rank: Readonly<Record<MoveStage, number>> = {
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

/** Where every move of the plan stands. A move is next when everyone before it is through: merged, soaked and verified, each
 *  by evidence of its own; nothing is inferred from what others did. In a wave everyone joins before anyone is enforced,
 *  `parallel` at a time; an environment waits for the one before it.
 *  @param standings  by target; one that could not be looked at is left out, and holds up whatever comes after it */
export function progressOf(
  steps: readonly Step[],
  standings: ReadonlyMap<string, Standing>,
  asking: Asking,
): readonly Progress[] {
  const found: Progress[] = [];
  let blocker: string | undefined;
  for (const { step, moves, soakSeconds, parallel } of phasesOf(steps, asking)) {
    let underWay = 0;
    let first: string | undefined;
    for (const move of moves) {
      const standing = standings.get(move.target);
      if (standing === undefined) {
        // It may well be under way.
        underWay++;
        first ??= `${move.target} has been read`;
        continue;
      }
      const own = stateOf(move, standing, soakSeconds, asking);
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

/** Merged pull requests whose attestation a gate depends on. */
export function unjudged(
  steps: readonly Step[],
  standings: ReadonlyMap<string, Standing>,
): readonly { readonly target: string; readonly stage: Move['stage']; readonly pull: MovePull }[] {
  const found = steps.flatMap(({ moves }) =>
    moves.flatMap(({ target, stage }) => {
      const standing = standings.get(target);
      if (standing === undefined || !isInForce(standing, stage)) return [];
      return mergedSince(standing, stage).map((pull) => ({ target, stage, pull }));
    }),
  );
  return [...new Map(found.map((each) => [`${each.target} ${String(each.pull.number)}`, each])).values()];
}

/** The stage that a target is known to have reached: its lock says so, and a merged pull request or the operator does too.
 *  undefined: nothing of the kind is known. */
export function provenStage(
  target: string,
  standing: Standing,
  statements: readonly Statement[],
): Standing['stage'] {
  const reached = (Object.keys(rank) as MoveStage[])
    .filter((stage) => stage !== 'outside' && isInForce(standing, stage))
    .sort((one, other) => rank[other] - rank[one]);
  return reached.find(
    (stage) =>
      mergedSince(standing, stage).length > 0 ||
      statementOf(target, stage, standing, statements) !== undefined,
  );
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

function isInForce({ stage }: Standing, wanted: MoveStage): boolean {
  const isSameKind =
    (stage === 'permissive' || stage === 'strict') === (wanted === 'permissive' || wanted === 'strict');
  return stage !== undefined && isSameKind && rank[stage] >= rank[wanted];
}

interface OwnState {
  readonly state: MoveState;
  readonly url?: string | undefined;
  readonly reason?: string | undefined;
}

/** How a move stands by itself: `next` when nothing but others is in its way. */
function stateOf(move: Move, standing: Standing, soakSeconds: number, asking: Asking): OwnState {
  const { target, stage } = move;
  const pull = standing.pulls.get(stage);
  const back = rollbackOf(standing, stage);
  if (back?.state === 'open')
    return { state: 'held', url: back.url, reason: 'a pull request that rolls it back is open' };
  if (isInForce(standing, stage)) {
    const related = standing.related.get(stage);
    if (related?.state === 'open') return { state: 'open', url: related.url };
    if (related !== undefined)
      return {
        state: 'held',
        url: related.url,
        reason:
          'someone closed this pull request of the target without merging it; reopen it, or open the target again',
      };
    return evidenceOf(move, standing, soakSeconds, asking);
  }
  if (pull?.state === 'open') return { state: 'open', url: pull.url };
  if (asking.again.has(target)) return { state: 'next' };
  if (back !== undefined && (pull === undefined || back.createdAt >= pull.createdAt))
    return {
      state: 'held',
      url: back.url,
      reason: `it was rolled back; to try again, name it: meshwright wave open ${target}`,
    };
  const [reverted] = mergedSince(standing, stage);
  if (reverted !== undefined)
    return {
      state: 'held',
      url: reverted.url,
      reason: `it was merged and then reverted; to try again, name it: meshwright wave open ${target}`,
    };
  if (pull?.state === 'closed' && pull.hasBranch)
    return {
      state: 'held',
      url: pull.url,
      reason: 'someone closed it without merging it; reopen it, or delete its branch',
    };
  return { state: 'next' };
}

/** What is known of a move that the lock says was made. Who was found good at a later stage has passed the earlier ones. */
function evidenceOf(
  { target, stage }: Move,
  standing: Standing,
  soakSeconds: number,
  asking: Asking,
): OwnState {
  const own = evidenceAt(stage, target, standing, soakSeconds, asking);
  const later = laterThan[stage];
  if (own?.state === 'done' || own?.state === 'held' || later === undefined || !isInForce(standing, later))
    return own ?? unknown(stage, target, standing, asking);
  const further = evidenceAt(later, target, standing, soakSeconds, asking);
  if (further?.state === 'done') return further;
  return own ?? further ?? unknown(stage, target, standing, asking);
}

const laterThan: Readonly<Partial<Record<MoveStage, MoveStage>>> = {
  joined: 'enforced',
  permissive: 'strict',
};

/** The evidence for one stage: the pull request of it that was merged last, and what was said since.
 *  @returns undefined: neither a merged pull request nor the operator says anything of this stage */
function evidenceAt(
  stage: MoveStage,
  target: string,
  standing: Standing,
  soakSeconds: number,
  { gates, now }: Asking,
): OwnState | undefined {
  const merged = mergedSince(standing, stage);
  const [newest] = merged;
  // Nobody knows today what a later day will show.
  const stated = gates.verified.filter(({ since }) => Date.parse(since) <= now);
  const statement = statementOf(target, stage, standing, stated);
  if (newest === undefined && statement === undefined) return undefined;
  const url = newest?.url;
  const attestations = merged.flatMap(({ number }) => standing.attestations.get(number) ?? []);
  const last = attestations.reduce<Attestation | undefined>(
    (one, each) => (isNewer(each, one) ? each : one),
    undefined,
  );
  const own = standing.attestations.get(newest?.number ?? 0);
  // Another merge does not undo that an earlier one was found bad, nor does a word on an earlier one help the last.
  const bad = [last, own].find((attestation) => attestation?.isGood === false);
  if (bad !== undefined)
    return { state: 'held', url, reason: `${bad.by} reported a failure; roll it back, or verify it again` };
  const since = newest === undefined ? endOf(statement) : mergeTime(newest);
  // What can't be read as a time has not gone by.
  if (Number.isNaN(since)) return { state: 'unknown', url, reason: 'the time of its merge is unknown' };
  const until = since + soakSeconds * 1000;
  if (now < until) return { state: 'soaking', url, reason: `soaks until ${minute(until)}` };
  const isVerified = statement !== undefined || own?.isGood === true;
  if (!isVerified && gates.verification === 'required')
    return {
      state: 'unverified',
      url,
      reason: 'comment /meshwright verified, or set the status meshwright/verify',
    };
  return { state: 'done' };
}

/** Of two words at the same time the bad one counts. */
function isNewer(one: Attestation, other: Attestation | undefined): boolean {
  return other === undefined || one.at > other.at || (one.at === other.at && !one.isGood);
}

/** The merged pull requests that brought a stage and that nothing has taken back since, the last merged first. */
function mergedSince(standing: Standing, stage: MoveStage): readonly MovePull[] {
  const back = rollbackOf(standing, stage);
  const merged = standing.merged.get(stage) ?? [];
  const kept = back === undefined ? merged : merged.filter((pull) => mergeTime(pull) > mergeTime(back));
  return [...kept].sort(byMergeTime);
}

/** Milliseconds since 1970; NaN: it was not merged, or nothing tells when. */
function mergeTime({ mergedAt }: PullRequestRecord): number {
  return Date.parse(mergedAt ?? '');
}

/** The last first; one whose time can't be read may be the last. */
export function byMergeTime(one: PullRequestRecord, other: PullRequestRecord): number {
  const [first, second] = [mergeTime(one), mergeTime(other)];
  if (Number.isNaN(first) || Number.isNaN(second))
    return Number(Number.isNaN(second)) - Number(Number.isNaN(first));
  return second - first;
}

/** What the operator says of a stage, unless it was merged or taken back since. */
function statementOf(
  target: string,
  stage: MoveStage,
  standing: Standing,
  statements: readonly Statement[],
): Statement | undefined {
  const back = rollbackOf(standing, stage);
  const [newest] = mergedSince(standing, stage);
  return statements.find(
    (each) =>
      each.target === target &&
      each.stage === stage &&
      (back === undefined || Date.parse(each.since) > mergeTime(back)) &&
      (newest === undefined || endOf(each) > mergeTime(newest)),
  );
}

/** When the day of a statement is over; since when in the day is not known. */
function endOf(statement: Statement | undefined): number {
  return Date.parse(statement?.since ?? '') + 86_400_000;
}

function unknown(stage: MoveStage, target: string, standing: Standing, { now }: Asking): OwnState {
  const back = rollbackOf(standing, stage);
  const why =
    back === undefined
      ? `its lock says ${stage}, but no merged pull request proves it`
      : `its lock says ${stage}, but it has been rolled back since`;
  const line = `{target: ${target}, stage: ${standing.stage ?? stage}, since: ${minute(now).slice(0, 10)}, reason: how you know}`;
  return {
    state: 'unknown',
    url: back?.url,
    reason: `${why}; check the cluster, then add under gates.verified in fleet.yaml: ${line}`,
  };
}

/** The open pull request that takes a stage back, or else the one merged last. */
function rollbackOf({ rollbacks }: Standing, stage: MoveStage): PullRequestRecord | undefined {
  const backs = [...rollbacks]
    .filter(([to, { state }]) => rank[to] < rank[stage] && state !== 'closed')
    .map(([, pull]) => pull);
  return backs.find(({ state }) => state === 'open') ?? backs.sort(byMergeTime)[0];
}

function minute(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** What others wait for, after `until`. */
function reasonAfter({ target, stage }: Move, state: MoveState): string {
  if (state === 'unknown') return `something proves that ${target} is ${stage}`;
  if (state === 'soaking') return `${target} has soaked`;
  if (state === 'unverified') return `${target} is verified`;
  return `${target} is ${stage}`;
}
