import type { StateName, Verdict } from './traffic.ts';

/** Namespaces that move together, and why these. */
export interface Wave {
  readonly name: string;
  readonly why: string;
  readonly namespaces: readonly { readonly name: string; readonly why: string }[];
}

export interface Move {
  readonly target: string;
  readonly stage: 'joined' | 'enforced' | 'permissive' | 'strict';
}

/** What must be true of a merged move before the next one. */
export interface Gates {
  /** Seconds between the merge and the next move. */
  readonly soakSeconds: {
    readonly infrastructure: number;
    readonly pilot: number;
    readonly wave: number;
    readonly strict: number;
  };
  /** Whether someone must say that it works on the cluster. */
  readonly verification: 'required' | 'none';
  /** What the operator states where the forge has no evidence. */
  readonly verified: readonly Statement[];
}

/** The operator's word that a move was merged and works on the cluster. */
export interface Statement extends Move {
  /** The day since when, `2026-11-24`. */
  readonly since: string;
  /** How that was found out. */
  readonly reason: string;
}

/** One week of the migration (FIELD-REPORT 5: S+0, S+1, …). */
export interface Step {
  /** Weeks after the start. */
  readonly week: number;
  readonly environment: string;
  readonly what: 'infrastructure' | 'wave' | 'strict';
  /** The wave's name, or what it is. */
  readonly name: string;
  /** In the order they are opened: everyone joins before anyone is enforced. */
  readonly moves: readonly Move[];
  /** What must be true before the next step. */
  readonly gate: string;
}

/** One move of the plan, as it stands. */
export interface Progress extends Move {
  readonly week: number;
  readonly wave: string;
  readonly environment: string;
  readonly state: MoveState;
  readonly url?: string | undefined;
  /** What it waits for, or what holds it. */
  readonly reason?: string | undefined;
}

/** done: merged, soaked, verified. open: its pull request is. soaking, unverified: merged, but not long enough, or without
 *  anybody's word. unknown: its lock says that it was made, and nothing proves it. held: a person said no. next: nothing is in
 *  its way. waiting: something is. */
export type MoveState = 'done' | 'open' | 'soaking' | 'unverified' | 'unknown' | 'held' | 'next' | 'waiting';

/** An unmet prerequisite of a namespace for stage `enforced`, as its repository shows. */
export interface UnmetPrerequisite {
  readonly what: string;
  readonly repository?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** A namespace before the gate of STRICT. */
export interface GateEntry {
  readonly namespace: string;
  /** Empty: it is enforced. */
  readonly lacks: readonly UnmetPrerequisite[];
  readonly verdict: 'enforced' | 'exempted' | 'missing';
  /** Why it is exempted, and until when. */
  readonly exemption?:
    { readonly namespace: string; readonly reason: string; readonly until: string } | undefined;
}

/** Calls between two workloads as Prometheus counted them, seen by the receiving proxy. */
export interface ObservedCalls {
  readonly source: { readonly namespace: string; readonly workload: string };
  readonly destination: { readonly namespace: string; readonly workload: string };
  /** `mutual_tls`, `none` or `unknown`. */
  readonly policy: string;
  readonly count: number;
}

/** What the simulator says of a plan, move by move. */
export interface PlanProof {
  /** Declared calls, each counted once for every environment. */
  readonly calls: number;
  readonly moves: number;
  readonly broken: readonly BrokenCall[];
  readonly undetermined: readonly UndeterminedCall[];
}

/** A call that works before a move and does not after it. */
export interface BrokenCall extends Move {
  readonly call: string;
  readonly state: StateName;
  readonly verdict: Verdict;
}

export interface UndeterminedCall {
  readonly call: string;
  readonly environment: string;
  readonly reason: string;
  readonly settle: string | undefined;
}
