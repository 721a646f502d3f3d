import { isObject, listAt, objectAt, stringAt, stringsAt, type JsonObject } from '../model/json.ts';
import { allOf, anyOf, type Maybe } from './certainty.ts';
import type { Client } from './client.ts';
import { covers } from '../k8s/host.ts';
import { gatewayKey } from '../k8s/gateway-name.ts';
import { matchesString, matchesUri } from '../k8s/http-match.ts';
import { hasLabels, labelsAt } from '../k8s/selector.ts';

/** A request, as far as it is known. */
export interface RouteRequest {
  /** The name it is sent to: authority, or SNI. */
  readonly host: string;
  readonly path: string | undefined;
  readonly method: string | undefined;
  /** Of the Service, or of the gateway's server. */
  readonly port: number;
}

/** Where a request is routed: in a sidecar (`mesh`) or at a gateway (`namespace/name`). */
export interface RoutedAt {
  readonly gateway: string;
  readonly client: Client;
}

/** Whether a route of a VirtualService takes a request: one of its matches does, or it has none.
 *  @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest */
export function matchesRoute(
  route: JsonObject,
  kind: 'http' | 'tls' | 'tcp',
  request: RouteRequest,
  at: RoutedAt,
  namespace: string,
): Maybe {
  const matches = listAt(route, 'match');
  if (matches.length === 0) return true;
  return anyOf(
    matches.map((match) =>
      isObject(match) ? allOf(conditions(match, kind, request, at, namespace)) : false,
    ),
  );
}

function* conditions(
  match: JsonObject,
  kind: 'http' | 'tls' | 'tcp',
  request: RouteRequest,
  { gateway, client }: RoutedAt,
  namespace: string,
): Iterable<Maybe> {
  if (typeof match.port === 'number') yield match.port === request.port;
  yield hasLabels(client.labels, labelsAt(match, 'sourceLabels'));
  const source = stringAt(match, 'sourceNamespace');
  if (source !== undefined && source !== '') yield source === client.namespace;
  const gateways = stringsAt(match, 'gateways');
  if (gateways.length > 0) yield gateways.some((each) => gatewayKey(each, namespace) === gateway);
  if (kind === 'tls') yield stringsAt(match, 'sniHosts').some((each) => covers(each, request.host));
  if (listAt(match, 'destinationSubnets').length > 0) yield undefined;
  if (kind !== 'http') return;
  yield matchesUri(match, request.path);
  yield matchesString(match.method, request.method);
  // What a mesh client writes into the Host header is one of several names of the service.
  if (match.authority !== undefined)
    yield gateway === 'mesh' ? undefined : matchesString(match.authority, request.host);
  const unknowable = ['headers', 'withoutHeaders', 'queryParams'].some(
    (key) => Object.keys(objectAt(match, key)).length > 0,
  );
  if (unknowable || match.scheme !== undefined) yield undefined;
}
