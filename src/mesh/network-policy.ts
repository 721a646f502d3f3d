import { isObject, listAt, objectAt, stringAt, stringsAt, valueAt, type JsonValue } from '../model/json.ts';
import { keyOf } from '../model/key-of.ts';
import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';
import { listIn } from '../model/list-in.ts';
import { transportOf } from '../k8s/container-port.ts';
import { labelsAt, selects } from '../k8s/selector.ts';
import type { Workload } from './workload.ts';

export type Direction = 'Ingress' | 'Egress';

/** Some pods of a namespace, on one of their ports. */
export interface PolicyPeer {
  readonly namespace: string;
  readonly port: number;
  readonly transport: 'TCP' | 'UDP';
}

/** The NetworkPolicies that restrict a workload's traffic in one direction; without any, all of it is allowed.
 *  @see https://kubernetes.io/docs/concepts/services-networking/network-policies/ */
export function restrictingPolicies(
  workload: Workload,
  direction: Direction,
  inventory: Inventory,
): readonly Resource[] {
  const index = inventory.once(policiesByLabel, direction);
  const { namespace, labels } = workload;
  return [[], ...Object.entries(labels)]
    .flatMap((label) => index.get(keyOf(namespace, ...label)) ?? [])
    .filter(({ spec }) => selects(objectAt(spec, 'podSelector'), labels));
}

function policiesByLabel(
  direction: Direction,
  inventory: Inventory,
): ReadonlyMap<string, readonly Resource[]> {
  const found = new Map<string, Resource[]>();
  for (const resource of inventory.of('NetworkPolicy')) {
    if (!restricts(resource.spec, direction)) continue;
    // Whoever it selects has this label, if it names one.
    const [label = []] = Object.entries(labelsAt(resource.spec, 'podSelector', 'matchLabels'));
    listIn(found, keyOf(resource.namespace, ...label)).push(resource);
  }
  return found;
}

function restricts(spec: JsonValue, direction: Direction): boolean {
  const types = stringsAt(spec, 'policyTypes');
  if (types.length > 0) return types.includes(direction);
  return direction === 'Ingress' || valueAt(spec, 'egress') !== undefined;
}

/** Whether one of some policies allows traffic with a peer. What cannot be told (addresses, labels of pods, ports by
 *  name, namespaces that were not read) counts as allowed. */
export function mayPass(
  policies: readonly Resource[],
  direction: Direction,
  peer: PolicyPeer,
  inventory: Inventory,
): boolean {
  const [list, side] = direction === 'Ingress' ? (['ingress', 'from'] as const) : (['egress', 'to'] as const);
  return policies.some(({ spec, namespace }) =>
    listAt(spec, list).some((rule) => {
      const ports = listAt(rule, 'ports');
      const peers = listAt(rule, side);
      return (
        (ports.length === 0 || ports.some((each) => isPort(each, peer))) &&
        (peers.length === 0 || peers.some((each) => isPeer(each, peer, namespace, inventory)))
      );
    }),
  );
}

function isPort(port: JsonValue, { port: wanted, transport }: PolicyPeer): boolean {
  if (transportOf(port) !== transport) return false;
  const number = valueAt(port, 'port');
  if (typeof number !== 'number') return true;
  const end = valueAt(port, 'endPort');
  return typeof end === 'number' ? number <= wanted && wanted <= end : number === wanted;
}

function isPeer(entry: JsonValue, { namespace }: PolicyPeer, own: string, inventory: Inventory): boolean {
  if (valueAt(entry, 'ipBlock') !== undefined) return true;
  const selector = valueAt(entry, 'namespaceSelector');
  if (!isObject(selector)) return namespace === own;
  const labels = inventory.namespaceLabels(namespace);
  const named = { ...labels, 'kubernetes.io/metadata.name': namespace };
  if (labels !== undefined || isByName(selector)) return selects(selector, named);
  return true;
}

function isByName(selector: JsonValue): boolean {
  const keys = [
    ...Object.keys(objectAt(selector, 'matchLabels')),
    ...listAt(selector, 'matchExpressions').map((each) => stringAt(each, 'key')),
  ];
  return keys.every((key) => key === 'kubernetes.io/metadata.name');
}
