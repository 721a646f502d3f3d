import {
  isList,
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  valueAt,
  type JsonObject,
  type JsonValue,
} from '../../model/json.ts';
import { serviceInAnyDomain } from '../../k8s/host.ts';
import type { Problem } from '../../model/problem.ts';
import {
  accountIn,
  dateOf,
  externalHost,
  importer,
  nameIn,
  unreadable,
  type Observed,
  type Party,
} from '../observed.ts';

/** The graph that Kiali's API gives (`/kiali/api/namespaces/graph`), of any graph type. Its numbers are rates a second.
 *  @see https://kiali.io/docs/features/topology/ */
export default importer({
  source: 'kiali',
  reads: "the JSON of Kiali's graph API",
  recognises: (value) => isList(valueAt(value, 'elements', 'nodes')),
  read(documents, file) {
    const calls: Observed[] = [];
    const problems: Problem[] = [];
    for (const { value, line } of documents) {
      const nodes = new Map(
        listAt(value, 'elements', 'nodes').map((node) => [
          stringAt(node, 'data', 'id'),
          objectAt(node, 'data'),
        ]),
      );
      const seconds = valueAt(value, 'duration');
      const period = typeof seconds === 'number' && seconds > 0 ? seconds : 1;
      const lastSeen = dateOf(valueAt(value, 'timestamp'));
      for (const [index, each] of listAt(value, 'elements', 'edges').entries()) {
        const edge = objectAt(each, 'data');
        const from = nodes.get(stringAt(edge, 'source'));
        const to = nodes.get(stringAt(edge, 'target'));
        if (from === undefined || to === undefined) {
          problems.push(
            unreadable(
              file,
              line,
              `elements.edges[${String(index)}]`,
              'connects nodes that are not in the graph',
            ),
          );
          continue;
        }
        // From a Service to the pods behind it nobody calls.
        if (stringAt(from, 'nodeType') === 'service') continue;
        const count = Math.ceil(rateOf(edge) * period);
        if (count === 0) continue;
        const protocol = stringAt(edge, 'traffic', 'protocol') === 'tcp' ? 'tcp' : 'http';
        for (const callee of callees(to, edge, protocol))
          calls.push({ from: caller(from, edge), to: callee, protocol, count, lastSeen });
      }
    }
    return { calls, problems };
  },
});

/** The sum of an edge's rates in requests or, of TCP, bytes a second; errors are counted in the total already. */
function rateOf(edge: JsonObject): number {
  const rates = Object.entries(objectAt(edge, 'traffic', 'rates'));
  const total = rates.find(([name]) => name === 'http' || name === 'grpc' || name === 'tcp')?.[1];
  const rate = Number(typeof total === 'string' ? total : NaN);
  return Number.isFinite(rate) && rate > 0 ? rate : 0;
}

function caller(node: JsonObject, edge: JsonObject): Party {
  const namespace = nameIn(stringAt(node, 'namespace'));
  const names = ['workload', 'app', 'service'].flatMap((key) => nameIn(stringAt(node, key)) ?? []);
  if (namespace === undefined || names.length === 0) return { kind: 'unknown' };
  return { kind: 'pods', namespace, names, account: accountIn(stringAt(edge, 'sourcePrincipal')) };
}

function callees(node: JsonObject, edge: JsonObject, protocol: 'http' | 'tcp'): readonly Party[] {
  const port = protocol === 'http' ? 80 : 443;
  const outside = stringsAt(node, 'isServiceEntry', 'hosts').flatMap((text) => externalHost(text) ?? []);
  const hosts = [...outside, ...(outside.length > 0 ? [] : [externalHost(stringAt(node, 'service'))])];
  const external = hosts.flatMap((host): readonly Party[] =>
    host === undefined ? [] : [{ kind: 'host', host, port }],
  );
  if (external.length > 0) return external;
  const asked = Object.values(objectAt(edge, 'traffic', 'responses')).flatMap((response: JsonValue) =>
    Object.keys(objectAt(response, 'hosts')),
  );
  const services = [...new Set(asked)].flatMap((host): readonly Party[] => {
    const named = serviceInAnyDomain(host);
    return named === undefined ? [] : [{ kind: 'pods', namespace: named.namespace, names: [named.service] }];
  });
  if (services.length > 0) return services;
  const namespace = nameIn(stringAt(node, 'namespace'));
  const names = [
    stringAt(node, 'service'),
    ...listAt(node, 'destServices').map((each) => stringAt(each, 'name')),
    stringAt(node, 'workload'),
    stringAt(node, 'app'),
  ].flatMap((each) => nameIn(each) ?? []);
  return namespace === undefined || names.length === 0
    ? [{ kind: 'unknown' }]
    : [{ kind: 'pods', namespace, names }];
}
