import { sameValue } from '../model/same-value.ts';
import type { YamlEdit } from '../model/edit.ts';
import type { JsonValue, YamlPath } from '../model/json.ts';
import { hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import { describeCall, type Call } from '../model/traffic.ts';
import { reservedFor, type MeshPlaces } from '../model/reserved-namespaces.ts';
import { editTexts } from './edit.ts';
import { loadFleetTexts } from './load.ts';
import { portOf } from './ports.ts';
import { fleetSchema, type FleetFile, type NamespaceEntry, type FleetServiceEntry } from './schema.ts';
import type { FleetTexts } from './texts.ts';
import { readWritten } from './written.ts';

/** What a call would add to a fleet file. */
interface CallAddition {
  readonly path: YamlPath;
  readonly value: JsonValue;
  /** Whether the file says so already, in any of its forms. */
  readonly isThere: boolean;
}

/** Declares calls that were seen, in whichever of the fleet's files: at the caller where it is a service of the fleet, else at the callee as allowed; hosts
 *  outside at the namespace. What is declared stays; every other byte too. The result is a fleet that loads.
 *  @returns the new texts, the same when nothing is new; problems `fleet-call-*` say what could not be declared, and why */
export function addCalls(
  texts: FleetTexts,
  calls: readonly Call[],
): Outcome<{ readonly texts: FleetTexts; readonly added: readonly Call[] }> {
  const written = readWritten(texts);
  if (!written.ok) return written;
  const loaded = loadFleetTexts(texts);
  if (!loaded.ok) return loaded;
  const index = new FleetIndex(fleetSchema.parse(written.value.value));
  const problems: Problem[] = [];
  const added: Call[] = [];
  const additions = new Map<string, { readonly path: YamlPath; readonly values: JsonValue[] }>();
  const leftOut = new Map<string, number>();
  for (const call of calls) {
    const reserved = index.reservedOf(call, loaded.value.mesh);
    if (reserved !== undefined) {
      leftOut.set(reserved, (leftOut.get(reserved) ?? 0) + 1);
      continue;
    }
    const addition = index.additionOf(call);
    if ('rule' in addition) {
      problems.push({ ...addition, file: call.evidence[0]?.file });
      continue;
    }
    if (addition.isThere) continue;
    const key = JSON.stringify(addition.path);
    const known = additions.get(key) ?? { path: addition.path, values: [] };
    const isNew = !known.values.some((value) => sameValue(value, addition.value));
    if (isNew) {
      known.values.push(addition.value);
      added.push(call);
    }
    additions.set(key, known);
  }
  if (leftOut.size > 0) problems.push(reservedLeftOut(leftOut));
  const edits = [...additions.values()].flatMap(({ path, values }) => index.editsOf(path, values));
  const edited = editTexts(texts, written.value, edits);
  if (!edited.ok) return { ok: false, problems: [...edited.problems, ...problems] };
  return hasErrors(problems) ? { ok: false, problems } : success({ texts: edited.value, added }, problems);
}

class FleetIndex {
  readonly #file: FleetFile;
  readonly #namespaces: ReadonlyMap<string, number>;

  constructor(file: FleetFile) {
    this.#file = file;
    this.#namespaces = new Map(file.namespaces.map(({ name }, index) => [name, index]));
  }

  /** Several items go into a list one by one, so that what is there keeps its layout. */
  editsOf(path: YamlPath, values: readonly JsonValue[]): readonly YamlEdit[] {
    const [first] = values;
    if (path.at(-1) === 'kubernetesApi') return [{ op: 'set', path, value: first ?? true }];
    const [, at, , of] = path;
    const entry = this.#file.namespaces[Number(at)];
    const service = path.length > 3 ? entry?.services?.[Number(of)] : undefined;
    const list = path.at(-1);
    const present =
      list === 'external' ? entry?.external : list === 'calls' ? service?.calls : service?.allowFrom;
    if (present === undefined || present.length === 0) return [{ op: 'set', path, value: [...values] }];
    return values.map((value) => ({ op: 'append', path, value }));
  }

  /** The namespace of the mesh, Flux or Kubernetes that the fleet would have to declare for the call, and does not. */
  reservedOf({ from, to }: Call, mesh: MeshPlaces): string | undefined {
    if (to.kind === 'service') {
      const isOther = this.#serviceAt(to.namespace, to.name) === undefined;
      return isOther && reservedFor(to.namespace, mesh) !== undefined ? to.namespace : undefined;
    }
    if (!('namespace' in from)) return undefined;
    const isOther = this.#at(from.namespace) === undefined;
    return isOther && reservedFor(from.namespace, mesh) !== undefined ? from.namespace : undefined;
  }

  additionOf(call: Call): CallAddition | Problem {
    const { from, to } = call;
    const caller = from.kind === 'workload' || from.kind === 'account' ? this.#at(from.namespace) : undefined;
    if (from.kind === 'gateway') return this.#fromGateway(call);
    if (to.kind === 'host') {
      if (caller === undefined) return unknownCaller(call);
      const { entry, index } = caller;
      const isThere = (entry.external ?? []).some(({ host, ports }) => {
        const numbers = (ports ?? [443]).map((port) =>
          typeof port === 'number' ? port : Number(port.split('/')[0]),
        );
        return host === to.host && numbers.includes(to.port);
      });
      const other = (entry.external ?? []).find(({ host }) => host === to.host);
      // One host is one entry; its ports are for people to add.
      if (other !== undefined && !isThere)
        return notAdded(
          call,
          `The fleet declares "${to.host}" without port ${String(to.port)}.`,
          'Add the port to it.',
        );
      const protocol = call.protocol === 'http' ? 'http' : 'tls';
      const ports =
        to.port === 443 ? {} : { ports: [to.port === 80 ? 80 : `${String(to.port)}/${protocol}`] };
      return { path: ['namespaces', index, 'external'], value: { host: to.host, ...ports }, isThere };
    }
    if (to.namespace === 'default' && to.name === 'kubernetes' && caller !== undefined)
      return {
        path: ['namespaces', caller.index, 'kubernetesApi'],
        value: true,
        isThere: caller.entry.kubernetesApi ?? this.#file.defaults?.kubernetesApi ?? false,
      };
    const callee = to.kind === 'service' ? this.#serviceAt(to.namespace, to.name) : undefined;
    if (callee === undefined)
      return notAdded(
        call,
        `The fleet has no service "${to.name}" in namespace "${to.namespace}".`,
        'Declare the service with its ports (stage outside is enough), and import again.',
      );
    if (from.kind === 'outside' || from.kind === 'unknown')
      return notAdded(
        call,
        'The caller has no mesh identity, so no policy can name it.',
        'Find out which workload it is. Move it into the mesh, or keep this service at stage joined.',
      );
    const service = from.kind === 'workload' ? this.#serviceAt(from.namespace, from.name) : undefined;
    if (service !== undefined) return declared(call, service, callee);
    if (caller !== undefined && from.kind === 'workload')
      return notAdded(
        call,
        `The fleet has no service "${from.name}" in namespace "${from.namespace}".`,
        'Declare it there with its serviceAccount and ports, and import again.',
      );
    return allowed(from.kind === 'proxy' ? { ...from, kind: 'account' } : from, callee);
  }

  #fromGateway(call: Call): CallAddition | Problem {
    const { to } = call;
    const callee = to.kind === 'service' ? this.#serviceAt(to.namespace, to.name) : undefined;
    if (callee !== undefined && (callee.service.hosts ?? []).length > 0)
      return { path: [], value: null, isThere: true };
    return notAdded(
      call,
      'The gateway calls this service, but the fleet declares no host for it.',
      'Add its hosts to the service in fleet.yaml.',
    );
  }

  #at(name: string): { readonly entry: NamespaceEntry; readonly index: number } | undefined {
    const index = this.#namespaces.get(name);
    const entry = index === undefined ? undefined : this.#file.namespaces[index];
    return entry === undefined || index === undefined ? undefined : { entry, index };
  }

  #serviceAt(namespace: string, name: string): FoundService | undefined {
    const found = this.#at(namespace);
    const at = (found?.entry.services ?? []).findIndex((each) => each.name === name);
    const service = found?.entry.services?.[at];
    return found === undefined || service === undefined
      ? undefined
      : { namespace, service, index: found.index, at };
  }
}

interface FoundService {
  readonly namespace: string;
  readonly service: FleetServiceEntry;
  readonly index: number;
  readonly at: number;
}

function declared({ to }: Call, caller: FoundService, { namespace, service }: FoundService): CallAddition {
  const place = namespace === caller.namespace ? service.name : `${namespace}/${service.name}`;
  const ports = (service.ports ?? []).map((entry) => portOf(entry).number);
  // A port that was not seen is that of the service, where it has one only.
  const port =
    to.port !== undefined && ports.includes(to.port) ? to.port : ports.length === 1 ? ports[0] : undefined;
  const value = port === undefined ? place : `${place}:${String(port)}`;
  const forms = [place, `${namespace}/${service.name}`];
  const isThere = (caller.service.calls ?? []).some((text) => {
    const [name = '', number] = text.split(':');
    return forms.includes(name) && (number === undefined || port === undefined || number === String(port));
  });
  return { path: ['namespaces', caller.index, 'services', caller.at, 'calls'], value, isThere };
}

function allowed(
  from: Extract<Call['from'], { readonly kind: 'workload' | 'account' }>,
  { service, index, at }: FoundService,
): CallAddition {
  const { namespace } = from;
  const serviceAccount = from.kind === 'account' ? from.serviceAccount : undefined;
  const isThere = (service.allowFrom ?? []).some(
    (each) =>
      each.namespace === namespace &&
      (each.serviceAccount === undefined || each.serviceAccount === serviceAccount),
  );
  const value = serviceAccount === undefined ? { namespace } : { namespace, serviceAccount };
  return { path: ['namespaces', index, 'services', at, 'allowFrom'], value, isThere };
}

function reservedLeftOut(counts: ReadonlyMap<string, number>): Problem {
  const names = [...counts].map(([name, count]) => `${name} (${String(count)})`).sort();
  return {
    rule: 'fleet-call-not-added',
    severity: 'warning',
    message: `Calls to services in ${names.join(', ')}, and from there to external hosts, were skipped: these namespaces belong to the mesh, Flux or Kubernetes, not to an application.`,
    fix: 'If an application needs one of these services, declare its namespace with the service at stage outside, and import again.',
  };
}

function unknownCaller(call: Call): Problem {
  return notAdded(
    call,
    "The caller's namespace is not in the fleet.",
    'Declare the namespace (stage outside is enough).',
  );
}

function notAdded(call: Call, message: string, fix: string): Problem {
  return {
    rule: 'fleet-call-not-added',
    severity: 'warning',
    message: `${describeCall(call)} was observed but not added. ${message}`,
    fix,
  };
}
