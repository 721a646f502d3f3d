import { parseGoDuration } from '../k8s/duration.ts';
import { serviceInHost, usualDomain } from '../k8s/host.ts';
import { isHttp, portProtocols, protocolOf } from '../k8s/protocol.ts';
import { transportOf } from '../k8s/container-port.ts';
import { endsByItself, podTemplateOf, serviceAccountOf } from '../k8s/pod-template.ts';
import { hasLabels, labelsAt } from '../k8s/selector.ts';
import {
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  valueAt,
  type JsonObject,
  type JsonValue,
} from '../model/json.ts';
import type { PortProtocol } from '../model/fleet.ts';
import type { KustomizeTree, Manifest } from '../model/manifest.ts';
import { mostFrequent } from '../model/most-frequent.ts';
import type { NamespaceEntry, FleetServiceEntry } from './schema.ts';

/** What manifests tell about a namespace, as a fleet entry would say it; only what is sure or clearly hinted at. */
export interface Inferred {
  readonly namespace: string | undefined;
  readonly services: readonly FleetServiceEntry[];
  /** Hosts outside the cluster that containers are told of. */
  readonly external: readonly string[];
  readonly hasNamespaceManifest: boolean;
  readonly usesKubernetesApi: boolean;
}

/** Ports of the services that may be called, by `namespace/service`. */
export type KnownServices = ReadonlyMap<string, readonly number[]>;

/** Reads services, ports, accounts, hosts, sticky sessions and calls off the manifests of one directory.
 *  @param elsewhere  services of other namespaces */
export function inferNamespace(tree: KustomizeTree, elsewhere: KnownServices = new Map()): Inferred {
  const services = tree.manifests.filter(({ kind, group }) => kind === 'Service' && group === '');
  const namespaces = tree.manifests.flatMap(({ kind, builtName, builtNamespace }) =>
    kind === 'Namespace' ? [builtName] : builtNamespace === undefined ? [] : [builtNamespace],
  );
  const namespace = mostFrequent(namespaces);
  const callable = new Map([
    ...elsewhere,
    ...services.map(
      ({ builtName, built }) => [`${namespace ?? ''}/${builtName}`, portNumbers(built)] as const,
    ),
  ]);
  return {
    namespace,
    services: services
      .filter((service) => stringAt(service.built, 'spec', 'type') !== 'ExternalName')
      // What only answers UDP, or has no ports, is nothing that a proxy serves.
      .filter((service) => listAt(service.built, 'spec', 'ports').flatMap(portEntry).length > 0)
      .map((service) => inferService(service, tree, namespace ?? '', callable)),
    external: [...new Set(tree.manifests.flatMap(environmentValues).flatMap(externalHosts))].sort(),
    hasNamespaceManifest: tree.manifests.some(({ kind }) => kind === 'Namespace'),
    usesKubernetesApi: tree.manifests.some(
      ({ kind }) => kind === 'RoleBinding' || kind === 'ClusterRoleBinding',
    ),
  };
}

function portNumbers(service: JsonObject): readonly number[] {
  return listAt(service, 'spec', 'ports')
    .map((port) => valueAt(port, 'port'))
    .filter((port) => typeof port === 'number');
}

function inferService(
  service: Manifest,
  tree: KustomizeTree,
  namespace: string,
  callable: KnownServices,
): FleetServiceEntry {
  const selector = labelsAt(service.built, 'spec', 'selector');
  const workloads = tree.manifests.filter((manifest) => {
    const template = podTemplate(manifest);
    if (template === undefined || Object.keys(selector).length === 0) return false;
    return hasLabels(labelsAt(template, 'metadata', 'labels'), selector);
  });
  const account = workloads
    .map((workload) => serviceAccountOf(podTemplate(workload)?.spec))
    .find((name) => name !== 'default');
  const ports = listAt(service.built, 'spec', 'ports').flatMap(portEntry);
  const hosts = hostsOf(service, tree, namespace);
  const http = ports.filter((port) => typeof port === 'number' || isHttp(port.protocol));
  const calls = callsOf(workloads, `${namespace}/${service.builtName}`, callable);
  const sticky = stickySession(service, tree, namespace);
  return {
    name: service.builtName,
    ...(account !== undefined && { serviceAccount: account }),
    ports,
    ...(hosts.length > 0 && { hosts: [...hosts] }),
    ...(hosts.length > 0 &&
      ports.length > 1 &&
      http.length !== 1 && { gatewayPort: numberOf(http[0] ?? ports[0] ?? 80) }),
    ...(sticky !== undefined && { stickySession: sticky }),
    ...(calls.length > 0 && { calls: [...calls] }),
  };
}

type InferredPort = number | { number: number; protocol: PortProtocol };

function numberOf(port: InferredPort): number {
  return typeof port === 'number' ? port : port.number;
}

/** A port as Istio reads it. One that says nothing is taken for HTTP; UDP is not proxied, and so is no port of the mesh. */
function portEntry(port: JsonValue): InferredPort[] {
  const number = valueAt(port, 'port');
  if (typeof number !== 'number') return [];
  const said = protocolOf({
    number,
    name: stringAt(port, 'name'),
    appProtocol: stringAt(port, 'appProtocol'),
    transport: transportOf(port),
  });
  if (said === 'udp') return [];
  const protocol = portProtocols.find((each) => each === said);
  return [protocol === undefined || protocol === 'http' ? number : { number, protocol }];
}

/** Whether a host means a service of the namespace; where nothing says which that is, any namespace will do. */
function isFor(host: string, service: string, namespace: string): boolean {
  if (!host.includes('.')) return host === service;
  const named = serviceInHost(host, usualDomain);
  return named?.service === service && (namespace === '' || named.namespace === namespace);
}

function hostsOf(service: Manifest, tree: KustomizeTree, namespace: string): readonly string[] {
  const found = tree.manifests
    .filter(({ kind, group }) => kind === 'VirtualService' && group === 'networking.istio.io')
    .filter((route) => destinations(route).some((host) => isFor(host, service.builtName, namespace)))
    .flatMap((route) => stringsAt(route.built, 'spec', 'hosts'))
    .filter((host) => host.includes('.') && !host.endsWith(`.svc.${usualDomain}`) && host !== '*');
  const ingress = tree.manifests
    .filter(({ kind, group }) => kind === 'Ingress' && group === 'networking.k8s.io')
    .flatMap((each) => listAt(each.built, 'spec', 'rules'))
    .filter((rule) =>
      JSON.stringify(valueAt(rule, 'http') ?? null).includes(`"service":{"name":"${service.builtName}"`),
    )
    .flatMap((rule) => stringAt(rule, 'host') ?? []);
  return [...new Set([...found, ...ingress])];
}

function destinations(route: Manifest): readonly string[] {
  return listAt(route.built, 'spec', 'http')
    .flatMap((http) => listAt(http, 'route'))
    .flatMap((each) => stringAt(each, 'destination', 'host') ?? []);
}

function stickySession(
  service: Manifest,
  tree: KustomizeTree,
  namespace: string,
): FleetServiceEntry['stickySession'] {
  for (const rule of tree.manifests) {
    const host = stringAt(rule.built, 'spec', 'host') ?? '';
    if (rule.kind !== 'DestinationRule' || !isFor(host, service.builtName, namespace)) continue;
    const cookie = objectAt(
      rule.built,
      'spec',
      'trafficPolicy',
      'loadBalancer',
      'consistentHash',
      'httpCookie',
    );
    const name = stringAt(cookie, 'name');
    const path = stringAt(cookie, 'path');
    const ttl = wholeSeconds(stringAt(cookie, 'ttl') ?? '');
    if (name !== undefined)
      return { cookie: name, ...(path !== undefined && { path }), ...(ttl !== undefined && { ttl }) };
  }
  return undefined;
}

/** A duration of Istio as the fleet file writes it. */
function wholeSeconds(text: string): string | undefined {
  const nanoseconds = parseGoDuration(text);
  if (nanoseconds === undefined || nanoseconds < 0n || nanoseconds % 1_000_000_000n !== 0n) return undefined;
  return `${String(nanoseconds / 1_000_000_000n)}s`;
}

/** Calls hinted at by `host:port` values in the containers' environment.
 *  @param own  `namespace/service` of the caller */
function callsOf(workloads: readonly Manifest[], own: string, callable: KnownServices): readonly string[] {
  const namespace = own.slice(0, own.indexOf('/'));
  const found = new Set<string>();
  for (const value of workloads.flatMap(environmentValues))
    for (const [, host = '', port] of value.matchAll(
      /(?:^|[/@,\s])([a-z0-9][a-z0-9.-]*)(?::(\d{1,5}))?(?=$|[/,\s?])/g,
    )) {
      const named = host.includes('.') ? serviceInHost(host, usualDomain) : { service: host, namespace };
      if (named === undefined) continue;
      const { service: name, namespace: where } = named;
      const ports = callable.get(`${where}/${name}`);
      if (ports === undefined || `${where}/${name}` === own) continue;
      const callee = where === namespace ? name : `${where}/${name}`;
      found.add(port !== undefined && ports.includes(Number(port)) ? `${callee}:${port}` : callee);
    }
  return [...found].sort();
}

/** The pods of a workload that runs on: who serves and calls, rather than what is done once. */
function podTemplate(manifest: Manifest): JsonObject | undefined {
  return endsByItself(manifest) ? undefined : podTemplateOf(manifest, manifest.built);
}

function environmentValues(manifest: Manifest): readonly string[] {
  const template = podTemplate(manifest);
  return listAt(template, 'spec', 'containers').flatMap((container) =>
    listAt(container, 'env').flatMap((variable) => stringAt(variable, 'value') ?? []),
  );
}

function externalHosts(value: string): readonly string[] {
  return [...value.matchAll(/(https?):\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)/g)]
    .filter(
      ([, scheme, host = '']) =>
        !/\.(?:local|svc|internal|localhost)$/.test(host) &&
        !/^[\d.]+$/.test(host) &&
        // Two labels over plain HTTP are a service and its namespace rather than a site.
        (host.split('.').length > 2 || scheme === 'https'),
    )
    .map(([, , host = '']) => host);
}

/** A fleet entry without empty lists. */
export function entryOf(entry: NamespaceEntry): NamespaceEntry {
  const kept = Object.entries(entry).filter(([, value]) => !(Array.isArray(value) && value.length === 0));
  return { ...Object.fromEntries(kept), name: entry.name };
}
