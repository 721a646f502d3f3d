import { proxiesOf } from '../../mesh/kubernetes-gateway.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import { isObject, listAt, stringAt, valueAt, type JsonValue, type YamlPath } from '../../model/json.ts';
import type { Resource } from '../../model/resource.ts';
import type { Caller } from '../../model/traffic.ts';
import { calleeAt, entranceCollector, evidenceAt } from '../entrance.ts';
import { callerOfController } from '../ways.ts';

const kinds = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute'] as const;

/** Routes of the Gateway API on any Gateway of any class, with the proxies that Istio makes for it, and those of other
 *  controllers. A route whose parent is a Service is routing within the mesh, and opens nothing.
 *  @see https://gateway-api.sigs.k8s.io/api-types/httproute/ */
export default entranceCollector({
  way: 'gateway-api-route',
  *find(inventory) {
    for (const kind of kinds)
      for (const resource of inventory.of(kind)) {
        const callers = listAt(resource.spec, 'parentRefs').flatMap((parent) =>
          callersOf(parent, resource, inventory),
        );
        if (callers.length === 0) continue;
        for (const { path, name, namespace, port, match } of backendsOf(resource)) {
          const to = calleeAt(namespace, name, port, inventory);
          if (to === undefined) continue;
          const asked = kind === 'HTTPRoute' ? pathOf(match) : undefined;
          const method = kind === 'HTTPRoute' ? stringAt(match, 'method') : undefined;
          for (const from of callers)
            yield {
              from,
              to,
              ...(asked !== undefined && { path: asked }),
              ...(method !== undefined && { method }),
              evidence: evidenceAt(resource, path, 'gateway-api-route'),
            };
        }
      }
  },
});

function callersOf(parent: JsonValue, route: Resource, inventory: Inventory): readonly Caller[] {
  if ((stringAt(parent, 'kind') ?? 'Gateway') !== 'Gateway') return [];
  const name = stringAt(parent, 'name') ?? '';
  const namespace = stringAt(parent, 'namespace') ?? route.namespace;
  const gateway = inventory.find('KubernetesGateway', namespace, name);
  if (gateway === undefined) return [{ kind: 'unknown', name: `the Gateway ${namespace}/${name}` }];
  const proxies = proxiesOf(gateway, inventory);
  switch (proxies.kind) {
    case 'mesh':
      return [{ kind: 'proxy', namespace: proxies.namespace, name, serviceAccount: proxies.serviceAccount }];
    case 'other':
      return proxies.controllers.map((each) => callerOfController(each, inventory));
    case 'unknown':
      return [{ kind: 'unknown', name: proxies.why }];
  }
}

interface Backend {
  readonly path: YamlPath;
  readonly name: string;
  readonly namespace: string;
  readonly port: number | undefined;
  /** undefined: the rule takes everything. */
  readonly match: JsonValue | undefined;
}

function* backendsOf({ spec, namespace: own }: Resource): Iterable<Backend> {
  for (const [at, rule] of listAt(spec, 'rules').entries()) {
    const matches: readonly (JsonValue | undefined)[] = listAt(rule, 'matches');
    const places: YamlPath[] = [...listAt(rule, 'backendRefs').keys()].map((index) => ['backendRefs', index]);
    for (const [index, filter] of listAt(rule, 'filters').entries())
      if (isObject(valueAt(filter, 'requestMirror')))
        places.push(['filters', index, 'requestMirror', 'backendRef']);
    for (const place of places) {
      const value = valueAt(rule, ...place);
      const name = stringAt(value, 'name');
      const group = stringAt(value, 'group') ?? '';
      if (name === undefined || group !== '' || (stringAt(value, 'kind') ?? 'Service') !== 'Service')
        continue;
      const port = valueAt(value, 'port');
      const seen = new Set<string>();
      for (const match of matches.length === 0 ? [undefined] : matches) {
        const key = `${stringAt(match, 'method') ?? ''} ${pathOf(match) ?? ''}`;
        if (seen.has(key)) continue;
        seen.add(key);
        yield {
          path: ['spec', 'rules', at, ...place, 'name'],
          name,
          namespace: stringAt(value, 'namespace') ?? own,
          port: typeof port === 'number' ? port : undefined,
          match,
        };
      }
    }
  }
}

/** A path that the match takes; undefined: any, or one by a pattern. */
function pathOf(match: JsonValue | undefined): string | undefined {
  const value = stringAt(match, 'path', 'value');
  return value === undefined || value === '/' || stringAt(match, 'path', 'type') === 'RegularExpression'
    ? undefined
    : value;
}
