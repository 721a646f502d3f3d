import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
} from '../../../src/model/json.ts';
import type { ProxyConfig } from './istiod.ts';

/** A connection as a listener of Envoy sees it. */
export interface Connection {
  readonly address: string;
  readonly port: number;
  readonly transport: 'tls' | 'raw_buffer';
  /** undefined: the client sends none. */
  readonly sni: string | undefined;
  /** What the client offers by ALPN, or what the HTTP inspector finds in plain text; the first that a chain has counts. */
  readonly protocols: readonly string[];
}

/** A request as a route table of Envoy sees it. */
export interface Request {
  /** As the client writes it into the Host header. */
  readonly authority: string;
  readonly path: string;
  readonly method: string;
}

/** The listener that takes a connection to an address: the one bound to it, then the one for the port, then the one that
 *  catches everything. */
export function outboundListener(
  { listeners }: ProxyConfig,
  address: string,
  port: number,
): JsonObject | undefined {
  const outbound = listeners.filter((each) => each.trafficDirection === 'OUTBOUND');
  const at = (wanted: string, number: number) =>
    outbound.find((each) => addressesOf(each).some(([ip, own]) => ip === wanted && own === number));
  return at(address, port) ?? at('0.0.0.0', port) ?? outbound.find(({ name }) => name === 'virtualOutbound');
}

export function addressesOf(listener: JsonObject): readonly (readonly [string, number])[] {
  const more = listAt(listener, 'additionalAddresses').map((each) => valueAt(each, 'address'));
  return [listener.address, ...more].map((each) => [
    stringAt(each, 'socketAddress', 'address') ?? '',
    Number(valueAt(each, 'socketAddress', 'portValue')),
  ]);
}

/** The filter chain that takes a connection, by Envoy's order: what fits a criterion most exactly hides all that fits it
 *  less, and there is no way back.
 *  @returns undefined: none takes it, and the connection is closed
 *  @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchainmatch */
export function filterChainFor(listener: JsonObject, connection: Connection): JsonObject | undefined {
  let chains = listAt(listener, 'filterChains').filter(isObject);
  const narrow = (says: (match: JsonObject) => boolean, scores: (match: JsonObject) => number) => {
    const scored = chains.map((chain) => {
      const match = objectAt(chain, 'filterChainMatch');
      return { chain, score: says(match) ? scores(match) : 0 };
    });
    const best = Math.max(0, ...scored.map(({ score }) => score));
    chains = scored
      .filter(({ chain, score }) => (best > 0 ? score === best : !says(objectAt(chain, 'filterChainMatch'))))
      .map(({ chain }) => chain);
  };
  const list = (match: JsonObject, key: string) => listAt(match, key);
  narrow(
    (match) => match.destinationPort !== undefined,
    (match) => (match.destinationPort === connection.port ? 1 : 0),
  );
  narrow(
    (match) => list(match, 'prefixRanges').length > 0,
    (match) =>
      Math.max(0, ...list(match, 'prefixRanges').map((each) => prefixScore(each, connection.address))),
  );
  narrow(
    (match) => list(match, 'serverNames').length > 0,
    (match) =>
      Math.max(0, ...list(match, 'serverNames').map((each) => nameScore(textOf(each), connection.sni))),
  );
  narrow(
    (match) => match.transportProtocol !== undefined,
    (match) => (match.transportProtocol === connection.transport ? 1 : 0),
  );
  narrow(
    (match) => list(match, 'applicationProtocols').length > 0,
    (match) => {
      const at = connection.protocols.findIndex((each) => list(match, 'applicationProtocols').includes(each));
      return at < 0 ? 0 : 100 - at;
    },
  );
  const [chain] = chains;
  if (chain !== undefined) return chain;
  return isObject(listener.defaultFilterChain) ? listener.defaultFilterChain : undefined;
}

function prefixScore(range: unknown, address: string): number {
  const prefix = stringAt(range as JsonObject, 'addressPrefix') ?? '';
  const length = Number(valueAt(range as JsonObject, 'prefixLen') ?? 0);
  if (prefix.includes(':') || address.includes(':')) return prefix === address ? 129 : 0;
  const shift = 32 - length;
  const same = length === 0 || numberOf(prefix) >>> shift === numberOf(address) >>> shift;
  return same ? length + 1 : 0;
}

/** A value that is text in Envoy's configuration. */
export function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
}

function nameScore(pattern: string, sni: string | undefined): number {
  if (sni === undefined) return 0;
  if (!pattern.startsWith('*')) return pattern === sni ? 1000 : 0;
  return sni.endsWith(pattern.slice(1)) ? pattern.length : 0;
}

/** A network filter of a chain, by the end of its name. */
export function networkFilters(
  chain: JsonObject,
): readonly { readonly type: string; readonly config: JsonObject }[] {
  return listAt(chain, 'filters').map((each) => {
    const config = objectAt(each, 'typedConfig');
    return { type: (stringAt(config, '@type') ?? '').split('.').at(-1) ?? '', config };
  });
}

/** What a route table does with a request. */
export type Routed =
  | { readonly kind: 'clusters'; readonly names: readonly string[]; readonly route: string }
  | { readonly kind: 'answer'; readonly status: number; readonly vhost: string }
  | { readonly kind: 'none'; readonly vhost: string | undefined };

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto */
export function routed(table: JsonObject, request: Request): Routed {
  const vhost = virtualHostFor(table, request.authority);
  if (vhost === undefined) return { kind: 'none', vhost: undefined };
  const name = stringAt(vhost, 'name') ?? '';
  for (const route of listAt(vhost, 'routes')) {
    if (!isObject(route) || !takes(objectAt(route, 'match'), request)) continue;
    if (isObject(route.redirect)) return { kind: 'answer', status: 301, vhost: name };
    if (isObject(route.directResponse))
      return { kind: 'answer', status: Number(route.directResponse.status), vhost: name };
    const action = objectAt(route, 'route');
    const weighted = listAt(action, 'weightedClusters', 'clusters')
      .filter((each) => Number(valueAt(each, 'weight') ?? 0) > 0)
      .map((each) => stringAt(each, 'name') ?? '');
    const cluster = stringAt(action, 'cluster');
    const names = cluster === undefined ? weighted : [cluster];
    return { kind: 'clusters', names, route: stringAt(route, 'name') ?? '' };
  }
  return { kind: 'none', vhost: name };
}

function virtualHostFor(table: JsonObject, authority: string): JsonObject | undefined {
  const hosts = listAt(table, 'virtualHosts').filter(isObject);
  const wanted = authority.toLowerCase();
  const withoutPort = table.ignorePortInHostMatching === true ? wanted.replace(/:\d+$/, '') : wanted;
  let best: JsonObject | undefined;
  let width = 0;
  for (const host of hosts)
    for (const domain of listAt(host, 'domains').map((each) => textOf(each).toLowerCase())) {
      const score =
        domain === withoutPort
          ? 10_000
          : domain === '*'
            ? 1
            : domain.startsWith('*') && withoutPort.endsWith(domain.slice(1))
              ? 1 + domain.length
              : 0;
      if (score <= width) continue;
      best = host;
      width = score;
    }
  return best;
}

function takes(match: JsonObject, request: Request): boolean {
  const fold = (value: string) => (match.caseSensitive === false ? value.toLowerCase() : value);
  const path = fold(request.path);
  const prefix = stringAt(match, 'prefix');
  if (prefix !== undefined && !path.startsWith(fold(prefix))) return false;
  const exact = stringAt(match, 'path');
  if (exact !== undefined && path !== fold(exact)) return false;
  const separated = stringAt(match, 'pathSeparatedPrefix');
  if (separated !== undefined && path !== fold(separated) && !path.startsWith(`${fold(separated)}/`))
    return false;
  const regex = stringAt(match, 'safeRegex', 'regex');
  if (regex !== undefined && !new RegExp(`^(?:${regex})$`).test(request.path)) return false;
  const headers = listAt(match, 'headers').every((each) => isObject(each) && hasHeader(each, request));
  // A request of these cases has no query.
  return headers && listAt(match, 'queryParameters').length === 0;
}

/** Whether a header matcher of Envoy takes a request that has its pseudo headers only. */
export function hasHeader(matcher: JsonObject, { authority, path, method }: Request): boolean {
  const values: Readonly<Record<string, string>> = {
    ':authority': authority,
    ':path': path,
    ':method': method,
    host: authority,
  };
  const value = values[textOf(matcher.name)];
  const found = value !== undefined && headerTakes(matcher, value);
  return matcher.invertMatch === true ? !found : found;
}

function headerTakes(matcher: JsonObject, value: string): boolean {
  if (matcher.presentMatch !== undefined) return matcher.presentMatch === true;
  if (isObject(matcher.stringMatch)) return stringTakes(matcher.stringMatch, value);
  if (matcher.exactMatch !== undefined) return matcher.exactMatch === value;
  return isObject(matcher.safeRegexMatch) ? stringTakes({ safeRegex: matcher.safeRegexMatch }, value) : true;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/string.proto */
export function stringTakes(matcher: JsonObject, value: string): boolean {
  const fold = (each: string) => (matcher.ignoreCase === true ? each.toLowerCase() : each);
  const own = fold(value);
  const { exact, prefix, suffix, contains } = matcher;
  if (typeof exact === 'string') return own === fold(exact);
  if (typeof prefix === 'string') return own.startsWith(fold(prefix));
  if (typeof suffix === 'string') return own.endsWith(fold(suffix));
  if (typeof contains === 'string') return own.includes(fold(contains));
  const regex = stringAt(matcher, 'safeRegex', 'regex');
  if (regex === undefined) throw new Error(`no such string matcher: ${JSON.stringify(matcher)}`);
  return new RegExp(`^(?:${regex})$`).test(value);
}
