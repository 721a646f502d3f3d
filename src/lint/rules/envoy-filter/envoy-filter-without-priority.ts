import { listAt, objectAt, stringAt, valueAt, type JsonValue } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'envoy-filter-without-priority',
  severity: 'warning',
  kinds: ['EnvoyFilter'],
  summary: 'an EnvoyFilter without a priority that depends on a filter another EnvoyFilter may add',
  why: 'INSERT_BEFORE, INSERT_AFTER, REPLACE and REMOVE need an existing filter. If another EnvoyFilter adds it, the order matters, and without `priority` the older object comes first: in a cluster where they were created in the other order, the patch has no effect. Filters that Istio always creates (the router, the connection manager, the TCP proxy) are safe to refer to.',
  fix: 'Set `priority` so that the patch is applied after the one that adds the filter.',
  equivalent: ['IST0151', 'IST0155'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0151/',
    'https://istio.io/latest/docs/reference/config/networking/envoy-filter/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('EnvoyFilter')) {
      const { priority } = resource.spec;
      if (priority !== undefined && priority !== 0) continue;
      for (const [index, patch] of listAt(resource.spec, 'configPatches').entries()) {
        const operation = stringAt(patch, 'patch', 'operation') ?? '';
        const name = referred(patch);
        if (!isRelative(operation, stringAt(patch, 'applyTo')) || name === undefined || isOfIstio(name))
          continue;
        const version = stringAt(patch, 'match', 'proxy', 'proxyVersion');
        yield {
          resource,
          path: ['spec', 'configPatches', index, 'patch', 'operation'],
          message: `${operation} needs the filter ${name}, and without a priority the age of the objects decides whether it exists yet${version === undefined ? '' : ', for proxies of each version'}.`,
        };
      }
    }
  },
});

function isRelative(operation: string, applyTo: string | undefined): boolean {
  if (applyTo !== 'HTTP_FILTER' && applyTo !== 'NETWORK_FILTER') return false;
  return ['INSERT_BEFORE', 'INSERT_AFTER', 'REPLACE', 'REMOVE'].includes(operation);
}

/** The filter that a patch is placed by; undefined: none, and so it goes first or last. */
function referred(patch: JsonValue): string | undefined {
  const filter = objectAt(patch, 'match', 'listener', 'filterChain', 'filter');
  const name = stringAt(valueAt(filter, 'subFilter'), 'name') ?? stringAt(filter, 'name');
  return name === '' ? undefined : name;
}

/** Filters of every proxy. */
function isOfIstio(name: string): boolean {
  return /^(envoy\.(filters\.http\.)?router|envoy\.filters\.network\.(http_connection_manager|tcp_proxy)|envoy\.(http_connection_manager|tcp_proxy)|envoy\.filters\.http\.(cors|fault)|istio\.(stats|metadata_exchange|alpn)|envoy\.filters\.http\.grpc_stats)$/.test(
    name,
  );
}
