import type { Identity } from '../mesh/authorization-rule.ts';
import type { Maybe } from '../mesh/certainty.ts';
import type { Client } from '../mesh/client.ts';
import type { Outbound } from '../mesh/imports.ts';
import type { Call, Decision } from '../model/traffic.ts';
import type { State } from './states.ts';

/** One call in one state, on its way. */
export interface RequestTrace {
  readonly call: Call;
  readonly state: State;
  /** Told each decision; undefined: nobody asks. */
  readonly tell: ((step: Decision) => void) | undefined;
}

/** Who makes a call. */
export interface Peer {
  /** In a sentence: `shop/frontend`. */
  readonly name: string;
  readonly client: Client;
  readonly hasSidecar: Maybe;
  readonly why: string;
  /** What its certificate says, where it has a sidecar. */
  readonly identity: Identity | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A peer that sends through its sidecar, and what that knows. */
export interface Sender {
  readonly peer: SettledPeer;
  readonly outbound: Outbound;
}

/** A peer of which it is settled whether it has a sidecar. */
export interface SettledPeer extends Peer {
  readonly hasSidecar: boolean;
}
