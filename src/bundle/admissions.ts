import type { NamespaceSpec } from '../model/fleet.ts';
import type { Admission } from '../model/generator.ts';
import { listAt, objectAt, stringAt, stringsAt, valueAt } from '../model/json.ts';
import type { KustomizeTree, Manifest } from '../model/manifest.ts';
import { entranceAdmissions } from './entrance-admissions.ts';
import { podsBehind } from './service-pods.ts';
import { namedContainerPort, transportOf } from '../k8s/container-port.ts';
import { gatewayKey } from '../k8s/gateway-name.ts';
import { meansService, serviceHost } from '../k8s/host.ts';
import { podTemplateOf, serviceAccountOf } from '../k8s/pod-template.ts';
import { hasLabels, labelsAt, type Labels } from '../k8s/selector.ts';

/** What the manifests of a namespace let in beside its declared callers, and its deny-all would cut off: requests to pods
 *  that a Gateway selects, and what they send on; every entrance of callers without a mesh identity; pods of one StatefulSet
 *  among each other. Who calls from another namespace, the fleet declares. */
export function admissionsOf(spec: NamespaceSpec, tree: KustomizeTree): readonly Admission[] {
  const found = new Map<string, Admission>();
  for (const each of [
    ...gatewayAdmissions(spec, tree),
    ...entranceAdmissions(spec, tree),
    ...peerAdmissions(spec, tree),
  ]) {
    const known = found.get(each.name);
    found.set(each.name, known === undefined ? each : merged(known, each));
  }
  return [...found.values()];
}

/** Of the same pods and callers. */
function merged(one: Admission, other: Admission): Admission {
  const isWhole = one.paths.length === 0 || other.paths.length === 0;
  return {
    ...one,
    ports: one.ports.length === 0 || other.ports.length === 0 ? [] : ordered([...one.ports, ...other.ports]),
    paths: isWhole ? [] : [...new Set([...one.paths, ...other.paths])].sort(),
  };
}

function ordered(ports: readonly number[]): readonly number[] {
  return [...new Set(ports)].sort((one, other) => one - other);
}

/** Whether a VirtualService of the namespace is bound to the shared gateway, for whatever host. */
export function isRoutedByGateway({ mesh, namespace }: NamespaceSpec, tree: KustomizeTree): boolean {
  const shared = `${mesh.gateway.namespace}/${mesh.gateway.name}`;
  return of(tree, 'networking.istio.io', 'VirtualService').some((route) =>
    gatewaysOf(route, namespace).includes(shared),
  );
}

function of(tree: KustomizeTree, group: string, kind: string): readonly Manifest[] {
  return tree.manifests.filter((each) => each.group === group && each.kind === kind);
}

function gatewaysOf(route: Manifest, namespace: string): readonly string[] {
  return stringsAt(route.built, 'spec', 'gateways').map((text) => gatewayKey(text, namespace));
}

function* gatewayAdmissions({ namespace }: NamespaceSpec, tree: KustomizeTree): Iterable<Admission> {
  for (const gateway of of(tree, 'networking.istio.io', 'Gateway')) {
    const selector = labelsAt(gateway.built, 'spec', 'selector');
    const pods = podsWith(selector, tree);
    const [first] = pods;
    if (first === undefined) continue;
    yield {
      name: `allow-gateway-${gateway.builtName}`,
      why: 'gateway',
      selector,
      account: undefined,
      ports: [],
      paths: [],
    };
    const key = `${namespace}/${gateway.builtName}`;
    const routes = of(tree, 'networking.istio.io', 'VirtualService').filter((route) =>
      gatewaysOf(route, namespace).includes(key),
    );
    for (const service of of(tree, '', 'Service')) {
      const isCalled = routes.some((route) => isSentTo(route, service.builtName, namespace));
      if (!isCalled) continue;
      const serviceAccount = serviceAccountOf(podTemplateOf(first, first.built)?.spec);
      for (const [index, pods] of podsBehind(service.builtName, service, undefined, tree).entries())
        yield {
          name: numbered(`allow-${gateway.builtName}-to-${service.builtName}`, index),
          why: 'route',
          selector: pods,
          account: { namespace, serviceAccount },
          ports: containerPortsOf(service, tree),
          paths: [],
        };
    }
  }
}

/** A policy's selector takes one set of labels: each further set has a policy of its own. */
function numbered(name: string, index: number): string {
  return index === 0 ? name : `${name}-${String(index + 1)}`;
}

/** Whether some route has a Service as destination, or copies requests to it. */
function isSentTo({ built }: Manifest, service: string, namespace: string): boolean {
  const host = serviceHost(service, namespace);
  return ['http', 'tls', 'tcp'].some((kind) =>
    listAt(built, 'spec', kind).some((route) => {
      const sent = listAt(route, 'route').map((each) => stringAt(each, 'destination', 'host'));
      return [...sent, stringAt(route, 'mirror', 'host')].some(
        (written) => written !== undefined && meansService(written, host, namespace),
      );
    }),
  );
}

function* peerAdmissions({ namespace }: NamespaceSpec, tree: KustomizeTree): Iterable<Admission> {
  for (const set of of(tree, 'apps', 'StatefulSet')) {
    const replicas = valueAt(set.built, 'spec', 'replicas') ?? 1;
    const selector = labelsAt(set.built, 'spec', 'selector', 'matchLabels');
    if (typeof replicas !== 'number' || replicas < 2 || Object.keys(selector).length === 0) continue;
    yield {
      name: `allow-peers-${set.builtName}`,
      why: 'peers',
      selector,
      account: { namespace, serviceAccount: serviceAccountOf(podTemplateOf(set, set.built)?.spec) },
      ports: [],
      paths: [],
    };
  }
}

function podsWith(selector: Labels, tree: KustomizeTree): readonly Manifest[] {
  if (Object.keys(selector).length === 0) return [];
  return tree.manifests.filter((workload) => {
    const template = podTemplateOf(workload, workload.built);
    return template !== undefined && hasLabels(labelsAt(template, 'metadata', 'labels'), selector);
  });
}

/** The container ports of a Service that TCP gets to; a name that no container declares leads nowhere. */
function containerPortsOf(service: Manifest, tree: KustomizeTree): readonly number[] {
  const pods = podsWith(labelsAt(service.built, 'spec', 'selector'), tree);
  const numbers = listAt(service.built, 'spec', 'ports').flatMap((port) => {
    if (transportOf(port) !== 'TCP') return [];
    const target = valueAt(port, 'targetPort') ?? valueAt(port, 'port');
    if (typeof target === 'number') return [target];
    if (typeof target !== 'string') return [];
    return pods.flatMap(
      (workload) => namedContainerPort(objectAt(podTemplateOf(workload, workload.built)).spec, target) ?? [],
    );
  });
  return [...new Set(numbers)].sort((one, other) => one - other);
}
