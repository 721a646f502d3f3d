import { isObject, listAt, stringAt, stringsAt, valueAt, type YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { resolveGateway } from '../k8s/gateway-name.ts';
import { expandHost } from '../k8s/host.ts';
import type { Inventory } from './inventory.ts';
import { hasPlaceholder } from './placeholder.ts';
import { listIn } from '../model/list-in.ts';

/** A name in a VirtualService that stands for a host, and where it is written. */
export interface HostName {
  readonly path: YamlPath;
  readonly text: string;
  /** As Istio reads it. */
  readonly host: string;
}

/** A gateway that a VirtualService is bound to. */
export interface GatewayRef {
  readonly path: YamlPath;
  readonly text: string;
  readonly isMesh: boolean;
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name` */
  readonly key: string;
}

/** Where a route sends requests, or copies of them. */
interface DeclaredDestination extends HostName {
  readonly isMirror: boolean;
  readonly subset: string | undefined;
  readonly port: number | undefined;
}

/** What the rules about VirtualServices read again and again; names with placeholders are left out. */
export interface VirtualServiceView {
  readonly resource: Resource;
  readonly hosts: readonly HostName[];
  /** The sidecars' own `mesh` where nothing is written. */
  readonly gateways: readonly GatewayRef[];
  readonly isOnMesh: boolean;
  readonly destinations: readonly DeclaredDestination[];
  readonly exportTo: readonly string[];
}

export function virtualServicesOf(inventory: Inventory): readonly VirtualServiceView[] {
  return inventory.once(computeViews);
}

function computeViews(inventory: Inventory) {
  return inventory.of('VirtualService').map((resource) => viewOf(resource, inventory));
}

function viewOf(resource: Resource, { settings }: Inventory): VirtualServiceView {
  const { spec, namespace } = resource;
  const hostName = (text: string, path: YamlPath): HostName => ({
    path,
    text,
    host: expandHost(text, namespace, settings.clusterDomain).toLowerCase(),
  });
  const gateways = gatewayRefs(resource);
  return {
    resource,
    hosts: listAt(spec, 'hosts').flatMap((text, index) =>
      typeof text === 'string' && text !== '' && !hasPlaceholder(text)
        ? [hostName(text, ['spec', 'hosts', index])]
        : [],
    ),
    gateways,
    isOnMesh: gateways.some(({ isMesh }) => isMesh),
    destinations: destinationPaths(resource).flatMap(({ path, isMirror }): DeclaredDestination[] => {
      const value = valueAt(resource.value, ...path);
      const text = stringAt(value, 'host');
      if (text === undefined || text === '' || hasPlaceholder(text)) return [];
      const port = valueAt(value, 'port', 'number');
      return [
        {
          ...hostName(text, [...path, 'host']),
          isMirror,
          subset: stringAt(value, 'subset'),
          port: typeof port === 'number' ? port : undefined,
        },
      ];
    }),
    exportTo: stringsAt(spec, 'exportTo'),
  };
}

const meshRef: GatewayRef = {
  path: ['spec'],
  text: 'mesh',
  isMesh: true,
  namespace: '',
  name: 'mesh',
  key: 'mesh',
};

function gatewayRefs({ spec, namespace }: Resource): readonly GatewayRef[] {
  const listed = listAt(spec, 'gateways');
  if (listed.length === 0) return [meshRef];
  return listed.flatMap((text, index): GatewayRef[] => {
    if (typeof text !== 'string' || text === '' || hasPlaceholder(text)) return [];
    const path = ['spec', 'gateways', index];
    if (text === 'mesh') return [{ ...meshRef, path }];
    const resolved = resolveGateway(text, namespace);
    return [{ path, text, isMesh: false, ...resolved, key: `${resolved.namespace}/${resolved.name}` }];
  });
}

const routeKinds = ['http', 'tls', 'tcp'] as const;

function destinationPaths({
  spec,
}: Resource): readonly { readonly path: YamlPath; readonly isMirror: boolean }[] {
  return routeKinds.flatMap((kind) =>
    listAt(spec, kind).flatMap((route, at) => {
      const path: YamlPath = ['spec', kind, at];
      const inList = (key: string, isMirror: boolean) =>
        listAt(route, key).map((_, index) => ({ path: [...path, key, index, 'destination'], isMirror }));
      const mirror = isObject(valueAt(route, 'mirror'))
        ? [{ path: [...path, 'mirror'], isMirror: true }]
        : [];
      return [...inList('route', false), ...mirror, ...inList('mirrors', true)];
    }),
  );
}

/** VirtualServices by the `namespace/name` of each gateway they are bound to. */
export function boundToGateway(key: string, inventory: Inventory): readonly VirtualServiceView[] {
  const known = inventory.once(viewsByGateway);
  return known.get(key) ?? [];
}

function viewsByGateway(inventory: Inventory) {
  const found = new Map<string, VirtualServiceView[]>();
  for (const view of virtualServicesOf(inventory))
    for (const each of new Set(view.gateways.map((gateway) => gateway.key))) listIn(found, each).push(view);
  return found;
}

/** Whether a VirtualService routes what sidecars send: it names no gateway, or `mesh` among them. A placeholder might be it,
 *  and is taken for a gateway. */
export function appliesToSidecars({ spec }: Pick<Resource, 'spec'>): boolean {
  const gateways = listAt(spec, 'gateways');
  return gateways.length === 0 || gateways.includes('mesh');
}

/** Whether a VirtualService is included by others and has no hosts of its own. */
export function isDelegate({ spec }: Pick<Resource, 'spec'>): boolean {
  return (
    listAt(spec, 'hosts').length === 0 && !(typeof spec.hosts === 'string' && hasPlaceholder(spec.hosts))
  );
}
