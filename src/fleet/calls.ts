import type { CalleeSpec, CallerSpec, Stage } from '../model/fleet.ts';
import type { NamespaceName } from '../model/named.ts';
import type { YamlPath } from '../model/json.ts';
import { nearest } from './nearest.ts';
import { portOf } from './ports.ts';
import type { FleetFile, NamespaceEntry, FleetServiceEntry } from './schema.ts';
import type { FleetSource } from './source.ts';

/** One declared call between two services of the fleet. */
export interface DeclaredCall {
  readonly from: NamespaceEntry;
  readonly fromService: FleetServiceEntry;
  readonly to: NamespaceEntry;
  readonly toService: FleetServiceEntry;
  readonly port: number | undefined;
  readonly path: YamlPath;
}

const key = (namespace: string, service: string) => `${namespace}/${service}`;

/** The fleet's declared calls, found from both ends. */
export class CallIndex {
  readonly #byCallee = new Map<string, DeclaredCall[]>();
  readonly #byCaller = new Map<string, DeclaredCall[]>();
  readonly all: DeclaredCall[] = [];

  constructor(file: FleetFile, source: FleetSource) {
    const namespaces = new Map(file.namespaces.map((entry) => [entry.name, entry]));
    const services = new Map(
      file.namespaces.flatMap((entry) =>
        (entry.services ?? []).map((service) => [key(entry.name, service.name), service] as const),
      ),
    );
    for (const [index, from] of file.namespaces.entries())
      for (const [at, fromService] of (from.services ?? []).entries())
        for (const [number, text] of (fromService.calls ?? []).entries()) {
          const path = ['namespaces', index, 'services', at, 'calls', number];
          const call = resolveCall({ text, from, fromService, path }, { namespaces, services }, source);
          if (call !== undefined) this.#add(call);
        }
  }

  #add(call: DeclaredCall): void {
    this.all.push(call);
    push(this.#byCallee, key(call.to.name, call.toService.name), call);
    push(this.#byCaller, call.from.name, call);
  }

  /** Who calls a service in an environment, the same caller once. */
  callersOf(
    namespace: string,
    service: string,
    stageOf: (entry: NamespaceEntry) => Stage | undefined,
  ): readonly CallerSpec[] {
    const found = new Map<string, { call: DeclaredCall; ports: Set<number>; all: boolean; stage: Stage }>();
    for (const call of this.#byCallee.get(key(namespace, service)) ?? []) {
      const stage = stageOf(call.from);
      if (stage === undefined) continue;
      const id = key(call.from.name, call.fromService.name);
      const known = found.get(id) ?? { call, ports: new Set<number>(), all: false, stage };
      if (call.port === undefined) known.all = true;
      else known.ports.add(call.port);
      found.set(id, known);
    }
    return [...found.values()].map(({ call, ports, all, stage }) => ({
      namespace: call.from.name as NamespaceName,
      serviceAccount: call.fromService.serviceAccount ?? 'default',
      service: call.fromService.name,
      ports: all ? [] : [...ports].sort((one, other) => one - other),
      stage,
    }));
  }

  /** The services of other namespaces that a namespace calls. */
  calleesOf(namespace: string): readonly CalleeSpec[] {
    const found = new Map<string, CalleeSpec>();
    for (const { to, toService } of this.#byCaller.get(namespace) ?? [])
      if (to.name !== namespace)
        found.set(key(to.name, toService.name), {
          namespace: to.name as NamespaceName,
          service: toService.name,
        });
    return [...found.values()];
  }
}

function push<T>(map: Map<string, T[]>, id: string, value: T): void {
  const list = map.get(id);
  if (list === undefined) map.set(id, [value]);
  else list.push(value);
}

/** A call as the file says it: `payments/ledger:8080`. */
interface WrittenCall extends Pick<DeclaredCall, 'from' | 'fromService' | 'path'> {
  readonly text: string;
}

/** What calls may name; services by `namespace/service`. */
interface Callable {
  readonly namespaces: ReadonlyMap<string, NamespaceEntry>;
  readonly services: ReadonlyMap<string, FleetServiceEntry>;
}

function resolveCall(
  { text, from, fromService, path }: WrittenCall,
  { namespaces, services }: Callable,
  source: FleetSource,
): DeclaredCall | undefined {
  const [, namespace = from.name, name = '', portText] =
    /^(?:([^/:]+)\/)?([^/:]+)(?::(\d+))?$/.exec(text) ?? [];
  const to = namespaces.get(namespace);
  if (to === undefined) {
    const guess = nearest(namespace, namespaces.keys());
    source.report(
      'fleet-unknown-namespace',
      path,
      `The call "${text}" names namespace "${namespace}", which is not in the fleet.`,
      guess === undefined
        ? 'Add the namespace (stage outside is enough), or a host outside the cluster under external.'
        : `Did you mean ${guess}?`,
    );
    return undefined;
  }
  const toService = services.get(key(namespace, name));
  if (toService === undefined) {
    const known = (to.services ?? []).map((service) => service.name);
    const guess = nearest(name, known);
    source.report(
      'fleet-unknown-service',
      path,
      `The call "${text}" names service "${name}", which namespace "${namespace}" does not declare.`,
      guess === undefined
        ? `Declare it there. Known services: ${known.join(', ') || 'none'}.`
        : `Did you mean ${guess}?`,
    );
    return undefined;
  }
  const port = portText === undefined ? undefined : Number(portText);
  const ports = (toService.ports ?? []).map((entry) => portOf(entry).number);
  if (ports.length === 0) {
    source.report(
      'fleet-unknown-port',
      path,
      `The call "${text}" names "${name}", which declares no ports, so nobody can call it.`,
      'Add the ports of the Service there, or remove the call.',
    );
    return undefined;
  }
  if (port !== undefined && !ports.includes(port)) {
    source.report(
      'fleet-unknown-port',
      path,
      `The call "${text}" names port ${String(port)}, but "${name}" declares ${ports.join(', ')}.`,
      'Name a port of the Service (not of the container), or add it there.',
    );
    return undefined;
  }
  return { from, fromService, to, toService, port, path };
}
