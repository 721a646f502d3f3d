/** Namespaces that move together, and why these. */
export interface Wave {
  readonly name: string;
  readonly why: string;
  readonly namespaces: readonly { readonly name: string; readonly why: string }[];
}

interface Move {
  readonly target: string;
  readonly stage: 'joined' | 'enforced' | 'permissive' | 'strict';
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
  /** next: nothing is in its way. */
  readonly state: 'done' | 'open' | 'next' | 'waiting';
  readonly url?: string | undefined;
  /** What it waits for. */
  readonly reason?: string | undefined;
}

/** Something a namespace still lacks to be enforced, as its repository says. */
export interface Lack {
  readonly what: string;
  readonly repository?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** A namespace before the gate of STRICT. */
export interface GateEntry {
  readonly namespace: string;
  /** Empty: it is enforced. */
  readonly lacks: readonly Lack[];
  readonly verdict: 'enforced' | 'exempted' | 'missing';
  /** Why it is exempted, and until when. */
  readonly exemption?: { readonly reason: string; readonly until: string } | undefined;
}

/** Calls between two workloads as Prometheus counted them, seen by the receiving proxy. */
export interface ObservedCalls {
  readonly source: { readonly namespace: string; readonly workload: string };
  readonly destination: { readonly namespace: string; readonly workload: string };
  /** `mutual_tls`, `none` or `unknown`. */
  readonly policy: string;
  readonly count: number;
}
