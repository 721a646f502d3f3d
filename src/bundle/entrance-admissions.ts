import { resourceOfManifest } from '../flux/resource.ts';
import { isKeptFromSidecar } from '../k8s/captured-ports.ts';
import { sidecarRefusal } from '../k8s/pod-template.ts';
import { labelsAt, type Labels } from '../k8s/selector.ts';
import { isGateway } from '../mesh/gateway-account.ts';
import { Inventory } from '../mesh/inventory.ts';
import { proxiesOf } from '../mesh/kubernetes-gateway.ts';
import { declareSettings, defaultSettings } from '../mesh/settings.ts';
import { containerPort, type Workload } from '../mesh/workload.ts';
import type { NamespaceSpec } from '../model/fleet.ts';
import type { Admission, OpenWay } from '../model/generator.ts';
import { valueAt } from '../model/json.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import type { Entrance, EntranceKind } from '../model/traffic.ts';
import { entrancesOf } from '../traffic/entrances/index.ts';
import { podsBehind } from './service-pods.ts';

/** Ways by which callers come that have no mesh identity, and may come all the same; by the others come workloads, which the
 *  fleet declares. */
const openWays: Readonly<Partial<Record<EntranceKind, OpenWay>>> = {
  'exposed-service': 'network',
  'host-port': 'host-port',
  'api-server': 'api-server',
  scrape: 'scrape',
  probe: 'probe',
  ingress: 'ingress',
  'foreign-route': 'ingress',
  'gateway-api-route': 'ingress',
};

/** How policies are called. */
const names: Readonly<Record<OpenWay, string>> = {
  network: 'network',
  'host-port': 'host-port',
  'api-server': 'api-server',
  scrape: 'scrapes',
  probe: 'probes',
  ingress: 'ingress',
};

/** The entrances that a namespace's own manifests open, found as the simulator finds them, as policies: for the account of a
 *  proxy that Istio makes for a Gateway; for anyone, at the port, where the caller has no mesh identity; at the path, where
 *  what it reads is one. Pods and ports without a sidecar in front need none. */
export function* entranceAdmissions(spec: NamespaceSpec, tree: KustomizeTree): Iterable<Admission> {
  const { namespace } = spec;
  const inventory = inventoryOf(spec, tree);
  for (const gateway of inventory.inNamespace('KubernetesGateway', namespace))
    if (proxiesOf(gateway, inventory).kind === 'mesh')
      yield {
        name: `allow-gateway-${gateway.name}`,
        why: 'gateway',
        selector: { 'gateway.networking.k8s.io/gateway-name': gateway.name },
        account: undefined,
        ports: [],
        paths: [],
      };
  for (const entrance of entrancesOf(inventory)) {
    const { from, to, evidence } = entrance;
    const way = evidence[0]?.way;
    if (to.namespace !== namespace || way === undefined) continue;
    const open = openWays[way as EntranceKind];
    if (from.kind === 'proxy' && way === 'gateway-api-route')
      for (const { selector, ports, index } of podsAt(entrance, inventory, tree))
        yield {
          name: numbered(`allow-${from.name}-to-${to.name}`, index),
          why: 'route',
          selector,
          account: { namespace: from.namespace, serviceAccount: from.serviceAccount },
          ports,
          paths: [],
        };
    else if (from.kind === 'outside' && open !== undefined)
      for (const { selector, ports, index } of podsAt(entrance, inventory, tree))
        if (ports.length > 0)
          yield {
            name: numbered(`allow-${names[open]}-${to.name}`, index),
            why: open,
            selector,
            account: undefined,
            ports,
            paths: pathsOf(entrance, open),
          };
  }
}

function numbered(name: string, index: number): string {
  return index === 0 ? name : `${name}-${String(index + 1)}`;
}

/** What is read at one path only. TLS of its own hides the path of a webhook; clients of a load balancer ask for any. */
function pathsOf({ path, protocol }: Entrance, way: OpenWay): readonly string[] {
  const isRead = (way === 'scrape' || way === 'probe') && protocol === 'http';
  return isRead && path !== undefined ? [path] : [];
}

function inventoryOf({ namespace, mesh }: NamespaceSpec, tree: KustomizeTree): Inventory {
  const resources = tree.manifests.map((manifest) =>
    resourceOfManifest(manifest, { nameOf: (path) => path, namespace }),
  );
  const { rootNamespace, trustDomain } = mesh;
  // What surrounds the namespace is not known here.
  return new Inventory(resources, declareSettings(defaultSettings, { rootNamespace, trustDomain }));
}

interface AdmittedPods {
  readonly selector: Labels;
  /** Of the containers. */
  readonly ports: readonly number[];
  readonly index: number;
}

/** The pods that an entrance leads to and that have a sidecar in front of its port, as a policy selects them. */
function* podsAt({ to }: Entrance, inventory: Inventory, tree: KustomizeTree): Iterable<AdmittedPods> {
  if (to.kind === 'workload') {
    const workload = inventory.workloadsIn(to.namespace).find(({ name }) => name === to.name);
    if (workload === undefined || !isCaptured(workload, to.port)) return;
    const selected = labelsAt(workload.resource.spec, 'selector', 'matchLabels');
    const selector = Object.keys(selected).length > 0 ? selected : workload.labels;
    if (Object.keys(selector).length > 0) yield { selector, ports: [to.port], index: 0 };
    return;
  }
  const service = inventory.servicesIn(to.namespace).find(({ name }) => name === to.name);
  const port = service?.ports.find(({ number }) => number === to.port);
  if (service === undefined || port === undefined) return;
  const workloads = inventory.workloadsOf(service);
  const numbers = workloads
    .filter((each) => !isGateway(each))
    .flatMap((each) => containerPort(each, port.targetPort, port.transport) ?? [])
    .filter((number) => workloads.some((each) => isCaptured(each, number)));
  const known = typeof port.targetPort === 'number' ? [port.targetPort] : [];
  const ports = workloads.length > 0 ? [...new Set(numbers)] : known;
  if (ports.length === 0) return;
  const manifest = tree.manifests.find(
    ({ group, kind, builtName }) => group === '' && kind === 'Service' && builtName === service.name,
  );
  for (const [index, selector] of podsBehind(service.name, manifest, undefined, tree).entries())
    yield { selector, ports, index };
}

function isCaptured({ resource, templatePath, annotations }: Workload, port: number): boolean {
  const template = valueAt(resource.value, ...templatePath);
  return sidecarRefusal(template ?? {}) === undefined && !isKeptFromSidecar(annotations, port);
}
