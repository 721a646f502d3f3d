import {
  isObject,
  listAt,
  stringAt,
  stringsAt,
  valueAt,
  type JsonObject,
  type JsonValue,
  type YamlPath,
} from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { gatewayKey } from '../k8s/gateway-name.ts';
import { expandHost } from '../k8s/host.ts';

/** Hosts of a VirtualService by their full names. */
export function hostsOf({ spec, namespace }: Resource, domain: string): readonly string[] {
  return stringsAt(spec, 'hosts').map((host) => expandHost(host, namespace, domain));
}

/** Gateways a VirtualService is bound to, as `namespace/name`, or `mesh` for the sidecars; without a list, those only.
 *  @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService-gateways */
export function gatewaysOf({ spec, namespace }: Resource): readonly string[] {
  const said = stringsAt(spec, 'gateways');
  return said.length === 0 ? ['mesh'] : said.map((name) => gatewayKey(name, namespace));
}

/** One destination of a route. */
export interface RouteDestination {
  /** By its full name. */
  readonly host: string;
  /** undefined: the only port of the service. */
  readonly port: number | undefined;
  readonly subset: string | undefined;
  readonly path: YamlPath;
}

/** Where a route sends to; those with weight 0 beside others get nothing. */
export function destinationsOf(
  route: JsonObject,
  path: YamlPath,
  namespace: string,
  domain: string,
): readonly RouteDestination[] {
  const entries = listAt(route, 'route');
  return entries.flatMap((entry, index): readonly RouteDestination[] => {
    const destination = valueAt(entry, 'destination');
    if (!isObject(destination)) return [];
    const weight = valueAt(entry, 'weight');
    if (entries.length > 1 && (weight === 0 || weight === undefined) && entries.some(hasWeight)) return [];
    const port = valueAt(destination, 'port', 'number');
    return [
      {
        host: expandHost(stringAt(destination, 'host') ?? '', namespace, domain),
        port: typeof port === 'number' ? port : undefined,
        subset: stringAt(destination, 'subset'),
        path: [...path, 'route', index, 'destination'],
      },
    ];
  });
}

function hasWeight(entry: JsonValue): boolean {
  const weight = valueAt(entry, 'weight');
  return typeof weight === 'number' && weight > 0;
}
