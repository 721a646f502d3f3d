/** The states a move goes through, in order: the repositories as they are; the new manifests on pods as they were; both
 *  kinds of pods; new pods only; the stage after that; and every sidecar refusing plaintext. */
export const stateNames = ['before', 'merged', 'rolling', 'restarted', 'enforced', 'strict'] as const;

export type StateName = (typeof stateNames)[number];

/** Ways a request gets into a Service or a workload: one file each in `src/traffic/entrances`. */
export type EntranceKind =
  | 'acme-solver'
  | 'api-server'
  | 'exposed-service'
  | 'flagger'
  | 'foreign-route'
  | 'gateway-api-route'
  | 'gateway-route'
  | 'host-port'
  | 'ingress'
  | 'keda'
  | 'knative'
  | 'named'
  | 'peer'
  | 'probe'
  | 'rollout-analysis'
  | 'scrape';

/** Ways a request gets out of a workload to a host outside the cluster: one file each in `src/traffic/exits`. */
export type ExitKind = 'credentials' | 'external-name' | 'named-host';

/** Tools that record traffic. */
export const observers = ['prometheus', 'kiali', 'hubble', 'opentelemetry', 'envoy'] as const;

export type Observer = (typeof observers)[number];

/** Where a call is known from; `stated`: a person says that there are no others. */
export interface Evidence {
  readonly source: 'declared' | 'manifests' | 'stated' | Observer;
  /** Of `manifests`: by which way the call gets in or out. */
  readonly way?: EntranceKind | ExitKind | undefined;
  /** Of `manifests`: the object that says so, as `Kind namespace/name`. */
  readonly object?: string | undefined;
  /** Of what a tool has seen: ISO 8601, the time that was looked at. */
  readonly window?: { readonly from: string; readonly until: string } | undefined;
  /** Of `stated`: why there are no others. */
  readonly reason?: string | undefined;
  /** The file that says so, as the user names it. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  /** Requests, connections or flows that were counted. */
  readonly count?: number | undefined;
  /** ISO 8601. */
  readonly lastSeen?: string | undefined;
}

export type Caller =
  /** A Service, or a workload, of this name. */
  | { readonly kind: 'workload'; readonly namespace: string; readonly name: string }
  /** Whoever runs as an account; undefined: any of the namespace. */
  | { readonly kind: 'account'; readonly namespace: string; readonly serviceAccount: string | undefined }
  /** Clients of the shared gateway; with `gateway`, of another Istio Gateway (`namespace/name`). */
  | { readonly kind: 'gateway'; readonly gateway?: string | undefined }
  /** A proxy of the mesh that routes by objects which are not simulated, such as an HTTPRoute: it has an identity, and sends
   *  what a sidecar would send. */
  | {
      readonly kind: 'proxy';
      readonly namespace: string;
      readonly name: string;
      readonly serviceAccount: string;
    }
  /** Someone without a sidecar, of whom nothing more is known. */
  | { readonly kind: 'outside' }
  /** Someone who was not read: whether it has a sidecar, and as whom it calls, nobody knows. `name` says who, in a sentence. */
  | { readonly kind: 'unknown'; readonly name: string };

export type Callee =
  /** `port` of the Service; undefined: not known. */
  | {
      readonly kind: 'service';
      readonly namespace: string;
      readonly name: string;
      readonly port: number | undefined;
    }
  /** `port` of the containers of a workload, whose pods are called by their addresses. */
  | {
      readonly kind: 'workload';
      readonly namespace: string;
      readonly name: string;
      readonly port: number;
      /** Of pods that a controller makes and no manifest describes. */
      readonly pods?:
        | {
            readonly labels: Readonly<Record<string, string>>;
            readonly annotations: Readonly<Record<string, string>>;
          }
        | undefined;
    }
  /** A DNS name or an address outside the cluster. */
  | { readonly kind: 'host'; readonly host: string; readonly port: number };

/** One edge of the call graph. A call without path or method stands for requests of any. */
export interface Call {
  readonly from: Caller;
  readonly to: Callee;
  /** The name that clients of the gateway ask for. */
  readonly host?: string | undefined;
  /** The port of the gateway that they connect to; undefined: the one of TLS, else the first. */
  readonly gatewayPort?: number | undefined;
  /** The request must end at `to`: another Service that gets it does not serve it. */
  readonly isServedByCallee?: boolean | undefined;
  /** An init container makes it: before the sidecar runs, unless that is a native one. */
  readonly isFromInit?: boolean | undefined;
  /** What is spoken, where it was seen; else the port says it. */
  readonly protocol?: 'http' | 'tcp' | undefined;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly evidence: readonly Evidence[];
}

/** A way into the cluster's pods, as the built objects have it. Its evidence says by which way, and what object opens it; its
 *  caller, with which principal it comes, or that it has none. */
export interface Entrance extends Call {
  readonly to: Exclude<Callee, { readonly kind: 'host' }>;
}

/** A way out of the cluster that a workload takes, as the built objects have it. */
export interface Exit extends Call {
  readonly to: Extract<Callee, { readonly kind: 'host' }>;
}

/** Whether all callers of a Service, or all that a workload calls, are known: declared, observed in a window with traffic, or
 *  stated complete by a person. What only manifests name is a call, but shows no completeness. */
export type Knowledge =
  | { readonly is: 'known'; readonly evidence: readonly Evidence[] }
  /** `settle`: what would resolve it, in the imperative. */
  | { readonly is: 'unknown'; readonly settle: string };

/** What is known of a Service with pods, or of a workload. */
export interface Known {
  readonly kind: 'callers' | 'callees';
  readonly namespace: string;
  readonly name: string;
  readonly knowledge: Knowledge;
}

/** What a user of the call would see. UF, NR, NC and BlackHole are Envoy's words for it in access logs. */
export type Symptom =
  '503 UF' | '503 NC' | '403 RBAC' | '404 NR' | '502 BlackHole' | 'reset' | 'refused' | 'elsewhere';

/** The result of a call in one state. */
export interface Verdict {
  readonly verdict: 'works' | 'breaks' | 'undetermined';
  /** One sentence. */
  readonly reason: string;
  readonly symptom?: Symptom | undefined;
  /** What would resolve it, in the imperative; of undetermined ones. */
  readonly settle?: string | undefined;
  /** The object that decides, as `Kind namespace/name`, and where it says so. */
  readonly resource?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** One decision on the way of a call. */
export interface Decision {
  readonly text: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** A call, and its verdict in every state that was looked at. */
export interface CallReport {
  readonly call: Call;
  readonly states: Readonly<Partial<Record<StateName, Verdict>>>;
}

/** The namespaces at the two ends of a call, as far as it has them. */
export function namespacesOf({ from, to }: Call): readonly string[] {
  return [...('namespace' in from ? [from.namespace] : []), ...(to.kind === 'host' ? [] : [to.namespace])];
}

/** The states after the merge of one pull request. */
export const statesOfMerge = ['merged', 'rolling', 'restarted'] as const;

/** The first of those states in which a call breaks that does not break before.
 *  @returns undefined: none */
export function firstBreak({
  states,
}: Pick<CallReport, 'states'>):
  { readonly state: (typeof statesOfMerge)[number]; readonly verdict: Verdict } | undefined {
  if (states.before?.verdict === 'breaks') return undefined;
  for (const state of statesOfMerge) {
    const verdict = states[state];
    if (verdict?.verdict === 'breaks') return { state, verdict };
  }
  return undefined;
}

/** What becomes of a call, in one word. */
export type CallResult = 'proven' | 'broken' | 'undetermined' | 'failing';

/** Proven: it works in every later state. Broken: it breaks in one, and not today. Failing: it breaks today already. */
export function resultOf({ states }: Pick<CallReport, 'states'>): CallResult {
  const later = stateNames.flatMap((name) => (name === 'before' ? [] : (states[name]?.verdict ?? [])));
  if (later.includes('breaks')) return states.before?.verdict === 'breaks' ? 'failing' : 'broken';
  const all = later.length > 0 ? later : [states.before?.verdict];
  return all.every((verdict) => verdict === 'works') ? 'proven' : 'undetermined';
}

export function isDeclared({ evidence }: Call): boolean {
  return evidence.some(({ source }) => source === 'declared');
}

/** How many calls have each result. */
export function countResults(reports: readonly Pick<CallReport, 'states'>[]) {
  const counts = { calls: reports.length, proven: 0, broken: 0, undetermined: 0, failing: 0 };
  for (const report of reports) counts[resultOf(report)] += 1;
  return counts;
}

export function describeCaller(caller: Caller): string {
  switch (caller.kind) {
    case 'workload':
    case 'proxy':
      return `${caller.namespace}/${caller.name}`;
    case 'account':
      return `${caller.namespace}/${caller.serviceAccount ?? '*'}`;
    case 'gateway':
      return caller.gateway === undefined ? 'gateway' : `gateway ${caller.gateway}`;
    case 'outside':
      return 'outside';
    case 'unknown':
      return `unknown (${caller.name})`;
  }
}

export function describeCallee(callee: Callee): string {
  if (callee.kind === 'host') return `${callee.host}:${String(callee.port)}`;
  const name = `${callee.namespace}/${callee.name}`;
  return callee.port === undefined ? name : `${name}:${String(callee.port)}`;
}

/** `shop/frontend -> pay/api:8443`; of the gateway, with the host asked for. */
export function describeCall({ from, to, host }: Call): string {
  const through = host === undefined ? '' : ` (${host})`;
  return `${describeCaller(from)}${through} -> ${describeCallee(to)}`;
}

/** Which requests of an edge are meant, where it is not all of them: calls of one route differ in nothing else. */
export function describeRequest({ method, path, gatewayPort, isFromInit }: Call): string {
  const port = gatewayPort === undefined ? undefined : `at port ${String(gatewayPort)}`;
  const when = isFromInit === true ? 'from an init container' : undefined;
  return [method, path, port, when].map((part) => (part === undefined ? '' : ` ${part}`)).join('');
}
