import { keyOf } from '../model/key-of.ts';
import { isObject, listAt, stringAt, type YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';
import type { Container, Workload } from './workload.ts';

/** A text that names a service of the cluster: evidence of a call that metrics may not have seen yet. */
export interface ServiceReference {
  /** Where it is written: a workload, or a ConfigMap. */
  readonly resource: Resource;
  readonly path: YamlPath;
  /** The name as it is written, with its port: `ledger.bank.svc:9000`. */
  readonly text: string;
  readonly service: string;
  readonly namespace: string;
  /** undefined: not said. */
  readonly port: number | undefined;
  /** Where the name stands. */
  readonly from: 'env' | 'argument' | 'config' | 'probe';
  /** The workloads whose pods read it; empty: nobody is seen to read the ConfigMap. */
  readonly readBy: readonly Workload[];
  /** The container it is written in; undefined in a ConfigMap. */
  readonly container: Container | undefined;
}

/** A service named in a text. */
export type NamedService = Pick<ServiceReference, 'text' | 'service' | 'namespace' | 'port'>;

export interface ReferenceContext {
  /** Namespace of the object that holds the text: a name without dots is of there. */
  readonly namespace: string;
  readonly clusterDomain: string;
  /** Whether such a service exists: shorter names are words like any other until one does. */
  readonly isService: (service: string, namespace: string) => boolean;
  /** Whether the whole text is the address of something, so that a bare word may be a service's name. */
  readonly isAddress: boolean;
}

/** Longer texts are data, not settings. */
const maxTextLength = 1_048_576;

const ports: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443 };

/** The services that a text names: in full (`svc.ns.svc.cluster.local`, `svc.ns.svc`), and where such a service exists,
 *  as `svc.ns`, or as `svc` in a URL, before a port, or alone in a text that is an address. Comments and names with a
 *  placeholder in them do not count. Linear in the length of the text. */
export function servicesNamedIn(text: string, surroundings: ReferenceContext): readonly NamedService[] {
  if (text.length > maxTextLength) return [];
  return text.split('\n').flatMap((line) => {
    const start = line.trimStart();
    return start.startsWith('#') || start.startsWith('//') ? [] : namedInLine(line, surroundings);
  });
}

function namedInLine(line: string, surroundings: ReferenceContext): readonly NamedService[] {
  const found: NamedService[] = [];
  const whole = line.trim();
  for (const { 0: word, index } of line.matchAll(/[A-Za-z0-9_.-]+/g)) {
    if (word.length > 253) continue;
    const before = line.slice(Math.max(0, index - 12), index);
    const after = line.slice(index + word.length, index + word.length + 200);
    // A variable, a wildcard, a directory, or the name of a user rather than of a host.
    if (/[})$%*\\]$/.test(before) || /^(\$|\{|%|\\)/.test(after) || /^(:[^/@\s:]*)?@/.test(after)) continue;
    const [, number] = /^:(\d{1,5})(?![\w.-])/.exec(after) ?? [];
    const [, scheme] = /([a-z][a-z0-9+.]{0,10}):\/\/$/i.exec(before) ?? [];
    const hasScheme = before.endsWith('://') || before.endsWith('@');
    if (before.endsWith('/') && !hasScheme) continue;
    // `redis:7` is an image.
    const isPort = number !== undefined && Number(number) >= 80;
    const isHost = hasScheme || isPort || (surroundings.isAddress && whole === word);
    const name = nameOf(word, isHost, surroundings);
    if (name === undefined) continue;
    const implied = Object.hasOwn(ports, scheme ?? '') ? ports[scheme ?? ''] : undefined;
    const port = number === undefined ? implied : Number(number);
    found.push({ ...name, text: number === undefined ? word : `${word}:${number}`, port });
  }
  return found;
}

function nameOf(
  word: string,
  isHost: boolean,
  { namespace, clusterDomain, isService }: ReferenceContext,
): Pick<NamedService, 'service' | 'namespace'> | undefined {
  const name = word.endsWith('.') ? word.slice(0, -1) : word;
  const domain = [`.svc.${clusterDomain}`, '.svc'].find((each) => name.endsWith(each));
  const parts = (domain === undefined ? name : name.slice(0, -domain.length)).split('.');
  if (!parts.every((part) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(part))) return undefined;
  if (domain !== undefined) {
    // Before a headless service's name stands a pod's.
    const [service, of, ...more] = parts.slice(-2);
    if (service === undefined || of === undefined || more.length > 0 || parts.length > 3) return undefined;
    return { service, namespace: of };
  }
  const [service = '', of, ...more] = parts;
  if (of === undefined) return isHost && isService(service, namespace) ? { service, namespace } : undefined;
  return more.length === 0 && isService(service, of) ? { service, namespace: of } : undefined;
}

/** Every name of a cluster's service in environment variables, commands, probes and ConfigMaps. */
export function serviceReferences(inventory: Inventory): readonly ServiceReference[] {
  return inventory.once(computeReferences);
}

function computeReferences(inventory: Inventory) {
  return [...referencesOfWorkloads(inventory), ...ofConfigMaps(inventory, scanIn(inventory))];
}

/** Those that are written in the workloads themselves. */
export function referencesOfWorkloads(inventory: Inventory): readonly ServiceReference[] {
  return inventory.once(computeReferencesOfWorkloads);
}

function computeReferencesOfWorkloads(inventory: Inventory) {
  return [...ofWorkloads(inventory, scanIn(inventory))];
}

/** Whether a service is one that every proxy and pod may call, or that the fleet file has a word of its own for. */
export function isOfPlatform(
  { namespace, service }: Pick<ServiceReference, 'namespace' | 'service'>,
  { fleet, settings }: Inventory,
): boolean {
  const providers = fleet?.fleet.mesh.providers ?? [];
  return (
    namespace === settings.rootNamespace ||
    namespace === 'kube-system' ||
    (namespace === 'default' && service === 'kubernetes') ||
    providers.some((each) => each.namespace === namespace && each.service === service)
  );
}

function scanIn(inventory: Inventory): Scan {
  return (text, namespace, isAddress) => servicesNamedBy(text, namespace, isAddress, inventory);
}

/** The services of a cluster that a text of one of its objects names.
 *  @param namespace  of the object
 *  @param isAddress  whether the whole text is the address of something */
export function servicesNamedBy(
  text: string,
  namespace: string,
  isAddress: boolean,
  inventory: Inventory,
): readonly NamedService[] {
  const isService = inventory.once(serviceTest);
  const { clusterDomain } = inventory.settings;
  return servicesNamedIn(text, { namespace, clusterDomain, isService, isAddress });
}

type Scan = (text: string, namespace: string, isAddress: boolean) => readonly NamedService[];

function serviceTest(inventory: Inventory): ReferenceContext['isService'] {
  const declared = new Set(
    (inventory.fleet?.fleet.targets ?? []).flatMap((target) =>
      target.kind === 'namespace'
        ? target.specs.flatMap(({ namespace, services }) =>
            services.map(({ name }) => keyOf(namespace, name)),
          )
        : [],
    ),
  );
  return (service, namespace) =>
    declared.has(keyOf(namespace, service)) || inventory.find('Service', namespace, service) !== undefined;
}

/** Names of variables and keys whose value is where something is. */
export const addressName =
  /(host|hostname|addr|address|server|service|endpoint|url|uri|upstream|backend)s?$/i;

function* ofWorkloads(inventory: Inventory, scan: Scan): Iterable<ServiceReference> {
  for (const workload of inventory.workloads) {
    const { resource, namespace, containers } = workload;
    for (const container of containers) {
      const found = (path: YamlPath, from: ServiceReference['from'], text: string, isAddress: boolean) =>
        scan(text, namespace, isAddress).map((named) => ({
          ...named,
          resource,
          path: [...container.path, ...path],
          from,
          readBy: [workload],
          container,
        }));
      for (const [index, variable] of listAt(container.value, 'env').entries()) {
        const value = stringAt(variable, 'value');
        const isAddress = addressName.test(stringAt(variable, 'name') ?? '');
        if (value !== undefined) yield* found(['env', index, 'value'], 'env', value, isAddress);
      }
      for (const key of ['command', 'args'])
        for (const [index, text] of listAt(container.value, key).entries())
          if (typeof text === 'string') yield* found([key, index], 'argument', text, false);
      for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
        const host = stringAt(container.value, probe, 'httpGet', 'host');
        if (host !== undefined) yield* found([probe, 'httpGet', 'host'], 'probe', host, true);
      }
    }
  }
}

function* ofConfigMaps(inventory: Inventory, scan: Scan): Iterable<ServiceReference> {
  const readers = readersOf(inventory);
  for (const resource of inventory.of('ConfigMap')) {
    const { data } = resource.value;
    if (!isObject(data)) continue;
    for (const [key, text] of Object.entries(data)) {
      if (typeof text !== 'string') continue;
      for (const named of scan(text, resource.namespace, addressName.test(key)))
        yield {
          ...named,
          resource,
          path: ['data', key],
          from: 'config',
          readBy: readers.get(keyOf(resource.namespace, resource.name)) ?? [],
          container: undefined,
        };
    }
  }
}

/** The workloads that read each ConfigMap, by `namespace/name`. */
export function readersOf(inventory: Inventory): ReadonlyMap<string, readonly Workload[]> {
  const found = new Map<string, Workload[]>();
  for (const workload of inventory.workloads)
    for (const name of new Set(configMapsOf(workload))) {
      const key = keyOf(workload.namespace, name);
      const list = found.get(key);
      if (list === undefined) found.set(key, [workload]);
      else list.push(workload);
    }
  return found;
}

function configMapsOf({ podSpec, containers }: Workload): readonly string[] {
  const volumes = listAt(podSpec, 'volumes').flatMap((volume) => [
    stringAt(volume, 'configMap', 'name'),
    ...listAt(volume, 'projected', 'sources').map((each) => stringAt(each, 'configMap', 'name')),
  ]);
  const variables = containers.flatMap(({ value }) => [
    ...listAt(value, 'envFrom').map((each) => stringAt(each, 'configMapRef', 'name')),
    ...listAt(value, 'env').map((each) => stringAt(each, 'valueFrom', 'configMapKeyRef', 'name')),
  ]);
  return [...volumes, ...variables].filter((name) => name !== undefined);
}
