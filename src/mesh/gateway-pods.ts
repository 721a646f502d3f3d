import { isObject, listAt, objectAt, stringAt, valueAt } from '../model/json.ts';
import { keyOf } from '../model/key-of.ts';
import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';
import { hasLabels, labelsAt, type Labels } from '../k8s/selector.ts';
import { namespacesOfOperator } from './operator-namespace.ts';
import type { Service } from './service.ts';
import type { Workload } from './workload.ts';
import { listIn } from '../model/list-in.ts';

/** Pods that Gateway objects can select. */
export interface GatewayPods {
  readonly namespace: string;
  readonly labels: Labels;
  /** Name of their Service, when a chart makes it. */
  readonly service: string | undefined;
}

/** The gateways that are installed by what was read: as workloads, by the `gateway` chart, by an IstioOperator. */
export function installedGateways(inventory: Inventory): readonly GatewayPods[] {
  return inventory.once(computeInstalled);
}

function computeInstalled(inventory: Inventory) {
  return [
    ...inventory.workloads
      .filter(isGatewayWorkload)
      .map(({ namespace, labels }) => ({ namespace, labels, service: undefined })),
    ...inventory.of('HelmRelease').flatMap((release) => ofRelease(release) ?? []),
    ...inventory.of('IstioOperator').flatMap((operator) => ofOperator(operator, inventory)),
  ];
}

function isGatewayWorkload({ annotations, labels, containers }: Workload): boolean {
  if (annotations['inject.istio.io/templates'] === 'gateway') return true;
  if (Object.hasOwn(labels, 'gateway.networking.k8s.io/gateway-name')) return true;
  return containers.some(
    ({ name, value }) => name === 'istio-proxy' && listAt(value, 'args').includes('router'),
  );
}

function ofRelease({ spec, namespace, name }: Resource): GatewayPods | undefined {
  const chart = stringAt(spec, 'chart', 'spec', 'chart') ?? stringAt(spec, 'chartRef', 'name') ?? '';
  const target = stringAt(spec, 'targetNamespace') ?? namespace;
  const isLegacy = /(^|\/|-)istio-(ingress|egress)$/.test(chart);
  if (isLegacy) {
    const role = chart.endsWith('egress') ? 'egressgateway' : 'ingressgateway';
    return { namespace: target, labels: labelsOfRelease(`istio-${role}`), service: `istio-${role}` };
  }
  if (!/(^|\/)(istio-)?gateway$/.test(chart)) return undefined;
  const values = objectAt(spec, 'values');
  const released = stringAt(values, 'name') ?? stringAt(spec, 'releaseName') ?? name;
  const labels = { ...labelsOfRelease(released), ...labelsAt(values, 'labels') };
  return { namespace: target, labels, service: released };
}

/** Labels that Istio's charts give the pods of a gateway with this name. */
export function labelsOfRelease(name: string): Labels {
  return { app: name, istio: name.replace(/^istio-/, '') };
}

function ofOperator(operator: Resource, inventory: Inventory): readonly GatewayPods[] {
  const { spec } = operator;
  const installed = namespacesOfOperator(operator, inventory);
  // Profiles bring these two unless they are switched off, and which profile it is does not matter to a selector.
  const byProfile = ['istio-ingressgateway', 'istio-egressgateway'].flatMap((service) =>
    installed.map((namespace) => ({ namespace, labels: labelsOfRelease(service), service })),
  );
  const listed = ['ingressGateways', 'egressGateways'].flatMap((key) =>
    listAt(spec, 'components', key).flatMap((gateway): readonly GatewayPods[] => {
      if (!isObject(gateway) || valueAt(gateway, 'enabled') === false) return [];
      const service = stringAt(gateway, 'name') ?? '';
      const labels = { ...labelsOfRelease(service), ...labelsAt(gateway, 'label') };
      const said = stringAt(gateway, 'namespace');
      return (said === undefined ? installed : [said]).map((namespace) => ({ namespace, labels, service }));
    }),
  );
  return [...byProfile, ...listed];
}

/** The pods that a Gateway selects, in any namespace, as far as what was read makes them. */
export function podsOfGateway(gateway: Resource, inventory: Inventory): readonly GatewayPods[] {
  return inventory.once(findPods, selectorOf(gateway, inventory));
}

function findPods(selector: Labels, inventory: Inventory): readonly GatewayPods[] {
  const [first] = Object.entries(selector);
  if (first === undefined) return [];
  const candidates = inventory.once(podsByLabel).get(keyOf(...first)) ?? [];
  return candidates.filter(({ labels }) => hasLabels(labels, selector));
}

function podsByLabel(inventory: Inventory): ReadonlyMap<string, readonly GatewayPods[]> {
  const found = new Map<string, GatewayPods[]>();
  const plain = inventory.workloads.map(({ namespace, labels }) => ({
    namespace,
    labels,
    service: undefined,
  }));
  for (const pods of [...plain, ...installedGateways(inventory)])
    for (const label of Object.entries(pods.labels)) listIn(found, keyOf(...label)).push(pods);
  return found;
}

/** The namespaces that a Gateway's pods run in; empty: not known. */
export function podNamespacesOf(gateway: Resource, inventory: Inventory): ReadonlySet<string> {
  const declared = (inventory.settings.gateways ?? []).filter(
    (each) => each.gateway === `${gateway.namespace}/${gateway.name}`,
  );
  if (declared.length > 0) return new Set(declared.map(({ podNamespace }) => podNamespace));
  return inventory.once(namespacesSelected, selectorOf(gateway, inventory));
}

function namespacesSelected(selector: Labels, inventory: Inventory): ReadonlySet<string> {
  const selected = [...inventory.once(findPods, selector), ...inventory.once(findServices, selector)];
  return new Set(selected.map(({ namespace }) => namespace));
}

/** The labels that a Gateway selects by: one and the same for all Gateways that have them. */
export function selectorOf(gateway: Resource, inventory: Inventory): Labels {
  return inventory.selectorLike(labelsAt(gateway.spec, 'selector'));
}

/** The Services whose pods a Gateway selects. */
export function servicesOfGateway(gateway: Resource, inventory: Inventory): readonly Service[] {
  return inventory.once(findServices, selectorOf(gateway, inventory));
}

function findServices(selector: Labels, inventory: Inventory): readonly Service[] {
  const [first] = Object.entries(selector);
  if (first === undefined) return [];
  const candidates = inventory.once(servicesBySelected).get(keyOf(...first)) ?? [];
  return candidates.filter((service) => hasLabels(service.selector ?? {}, selector));
}

function servicesBySelected({ services }: Inventory): ReadonlyMap<string, readonly Service[]> {
  const found = new Map<string, Service[]>();
  for (const service of services)
    for (const label of Object.entries(service.selector ?? {})) listIn(found, keyOf(...label)).push(service);
  return found;
}
