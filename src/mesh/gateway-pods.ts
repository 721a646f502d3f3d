import { isObject, listAt, objectAt, stringAt, valueAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';
import { hasLabels, labelsAt } from './selector.ts';
import type { Service } from './service.ts';
import type { Workload } from './workload.ts';
import { listIn } from './list-in.ts';

/** Pods that Gateway objects can select. */
export interface GatewayPods {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Name of their Service, when a chart makes it. */
  readonly service: string | undefined;
}

/** The gateways that are installed by what was read: as workloads, by the `gateway` chart, by an IstioOperator. */
export function installedGateways(inventory: Inventory): readonly GatewayPods[] {
  return inventory.once('installed gateways', () => [
    ...inventory.workloads
      .filter(isGatewayWorkload)
      .map(({ namespace, labels }) => ({ namespace, labels, service: undefined })),
    ...inventory.of('HelmRelease').flatMap((release) => ofRelease(release) ?? []),
    ...inventory.of('IstioOperator').flatMap((operator) => ofOperator(operator, inventory)),
  ]);
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
export function labelsOfRelease(name: string): Readonly<Record<string, string>> {
  return { app: name, istio: name.replace(/^istio-/, '') };
}

function ofOperator({ spec, namespace }: Resource, { settings }: Inventory): readonly GatewayPods[] {
  const installed = stringAt(spec, 'namespace') ?? settings.rootNamespace;
  // Profiles bring these two unless they are switched off, and which profile it is does not matter to a selector.
  const byProfile = ['istio-ingressgateway', 'istio-egressgateway'].map((service) => ({
    namespace: installed,
    labels: labelsOfRelease(service),
    service,
  }));
  const listed = ['ingressGateways', 'egressGateways'].flatMap((key) =>
    listAt(spec, 'components', key).flatMap((gateway): GatewayPods[] => {
      if (!isObject(gateway) || valueAt(gateway, 'enabled') === false) return [];
      const service = stringAt(gateway, 'name') ?? '';
      const labels = { ...labelsOfRelease(service), ...labelsAt(gateway, 'label') };
      return [{ namespace: stringAt(gateway, 'namespace') ?? namespace, labels, service }];
    }),
  );
  return [...byProfile, ...listed];
}

/** The pods that a Gateway selects, in any namespace, as far as what was read makes them. */
export function podsOfGateway(gateway: Resource, inventory: Inventory): readonly GatewayPods[] {
  const selector = labelsAt(gateway.spec, 'selector');
  return bySelector('gateway pods by selector', selector, inventory, () => findPods(selector, inventory));
}

function findPods(selector: Readonly<Record<string, string>>, inventory: Inventory): readonly GatewayPods[] {
  const [first] = Object.entries(selector);
  if (first === undefined) return [];
  const byLabel = inventory.once('gateway pods by label', () => {
    const found = new Map<string, GatewayPods[]>();
    const plain = inventory.workloads.map(({ namespace, labels }) => ({
      namespace,
      labels,
      service: undefined,
    }));
    for (const pods of [...plain, ...installedGateways(inventory)])
      for (const [key, value] of Object.entries(pods.labels)) listIn(found, `${key}=${value}`).push(pods);
    return found;
  });
  const [key, value] = first;
  return (byLabel.get(`${key}=${value}`) ?? []).filter(({ labels }) => hasLabels(labels, selector));
}

/** The namespaces that a Gateway's pods run in; empty: not known. */
export function podNamespacesOf(gateway: Resource, inventory: Inventory): ReadonlySet<string> {
  const declared = (inventory.settings.gateways ?? []).filter(
    (each) => each.gateway === `${gateway.namespace}/${gateway.name}`,
  );
  if (declared.length > 0) return new Set(declared.map(({ podNamespace }) => podNamespace));
  const selector = labelsAt(gateway.spec, 'selector');
  return bySelector(
    'gateway namespaces by selector',
    selector,
    inventory,
    () =>
      new Set(
        [...podsOfGateway(gateway, inventory), ...servicesOfGateway(gateway, inventory)].map(
          ({ namespace }) => namespace,
        ),
      ),
  );
}

/** Computes what depends on a selector once for all Gateways that have it. */
export function bySelector<T>(
  name: string,
  selector: Readonly<Record<string, string>>,
  inventory: Inventory,
  compute: () => T,
): T {
  const key = Object.entries(selector).sort().join();
  const known = inventory.once(name, () => new Map<string, T>());
  const found = known.get(key);
  if (found !== undefined || known.has(key)) return found as T;
  const value = compute();
  known.set(key, value);
  return value;
}

/** The Services whose pods a Gateway selects. */
export function servicesOfGateway(gateway: Resource, inventory: Inventory): readonly Service[] {
  const selector = labelsAt(gateway.spec, 'selector');
  return bySelector('gateway services by selector', selector, inventory, () =>
    findServices(selector, inventory),
  );
}

function findServices(selector: Readonly<Record<string, string>>, inventory: Inventory): readonly Service[] {
  const [first] = Object.entries(selector);
  if (first === undefined) return [];
  const byLabel = inventory.once('services by selector', () => {
    const found = new Map<string, Service[]>();
    for (const service of inventory.services)
      for (const [key, value] of Object.entries(service.selector ?? {}))
        listIn(found, `${key}=${value}`).push(service);
    return found;
  });
  const [key, value] = first;
  return (byLabel.get(`${key}=${value}`) ?? []).filter((service) =>
    hasLabels(service.selector ?? {}, selector),
  );
}
