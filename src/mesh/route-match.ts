import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  valueAt,
  type JsonObject,
  type JsonValue,
} from '../model/json.ts';
import { allOf, anyOf, type Maybe } from './certainty.ts';
import type { Client } from './client.ts';
import { covers } from '../k8s/host.ts';
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
  if (gateways.length > 0)
    yield gateways.some(
      (each) => (each === 'mesh' || each.includes('/') ? each : `${namespace}/${each}`) === gateway,
    );
  if (kind === 'tls') yield stringsAt(match, 'sniHosts').some((each) => covers(each, request.host));
  if (listAt(match, 'destinationSubnets').length > 0) yield undefined;
  if (kind !== 'http') return;
  yield matchesText(match.uri, request.path, match.ignoreUriCase === true);
  yield matchesText(match.method, request.method);
  // What a mesh client writes into the Host header is one of several names of the service.
  if (match.authority !== undefined)
    yield gateway === 'mesh' ? undefined : matchesText(match.authority, request.host);
  const unknowable = ['headers', 'withoutHeaders', 'queryParams'].some(
    (key) => Object.keys(objectAt(match, key)).length > 0,
  );
  if (unknowable || match.scheme !== undefined) yield undefined;
}

/** @param text  undefined: not known, so that only what takes any text is certain */
function matchesText(wanted: JsonValue | undefined, text: string | undefined, ignoreCase = false): Maybe {
  if (!isObject(wanted)) return true;
  const fold = (value: string) => (ignoreCase ? value.toLowerCase() : value);
  const prefix = stringAt(wanted, 'prefix');
  if (prefix === '/' || prefix === '') return true;
  // People's patterns can be made to take forever, so that only the simplest are looked at.
  const regex = stringAt(wanted, 'regex');
  if (regex !== undefined) return regex === '.*' || regex === '/.*' ? true : undefined;
  if (text === undefined) return undefined;
  const exact = stringAt(wanted, 'exact');
  if (exact !== undefined) return fold(text) === fold(exact);
  return prefix === undefined ? true : fold(text).startsWith(fold(prefix));
}

/** Whether a route takes everything, so that it goes behind others where several VirtualServices are merged. */
export function isCatchAll(route: JsonObject): boolean {
  const matches = listAt(route, 'match');
  if (matches.length === 0) return true;
  return matches.some((match) => {
    const keys = Object.keys(objectAt(match)).filter((key) => key !== 'name' && key !== 'gateways');
    const takesAll =
      valueAt(match, 'uri', 'prefix') === '/' ||
      ['.*', '/.*'].includes(stringAt(match, 'uri', 'regex') ?? '');
    return keys.length === 0 || (keys.length === 1 && keys[0] === 'uri' && takesAll);
  });
}
