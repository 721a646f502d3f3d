/** How to break one object; each must be refused by a judge that is awake. */
export interface Mutant {
  readonly name: string;
  readonly kind: string;
  /** Path of keys and indexes; the last is set, or removed when the value is undefined. */
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

const mutants = (kind: string, ...list: readonly (readonly [string, string, unknown])[]): readonly Mutant[] =>
  list.map(([name, path, value]) => ({
    name,
    kind,
    path: path.split('/').map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
    value,
  }));

const route = 'spec/http/0/route/0';
const rule = 'spec/rules/0';

/** At least ten for each generator's output. */
export const allMutants: readonly Mutant[] = [
  ...mutants(
    'VirtualService',
    ['an unknown field', 'spec/gateway', 'a'],
    ['no hosts', 'spec/hosts', undefined],
    ['an empty list of hosts', 'spec/hosts', []],
    ['hosts as text', 'spec/hosts', 'a.example.com'],
    ['a number among the gateways', 'spec/gateways', [1]],
    ['a route without a host', `${route}/destination/host`, undefined],
    ['a port as text', `${route}/destination/port/number`, '9080'],
    ['a negative weight', `${route}/weight`, 'half'],
    ['two ways to match a path', 'spec/http/0/match/0/uri', { prefix: '/', exact: '/' }],
    ['an unknown match', 'spec/http/0/match/0/uri', { begins: '/' }],
    ['routes as a map', 'spec/http', {}],
  ),
  ...mutants(
    'Sidecar',
    ['an unknown field', 'spec/egres', []],
    ['an unknown mode', 'spec/outboundTrafficPolicy/mode', 'REGISTRY'],
    ['a mode in lower case', 'spec/outboundTrafficPolicy/mode', 'allow_any'],
    ['hosts as text', 'spec/egress/0/hosts', './*'],
    ['no hosts', 'spec/egress/0/hosts', undefined],
    ['an empty list of hosts', 'spec/egress/0/hosts', []],
    ['egress as a map', 'spec/egress', {}],
    ['a number among the hosts', 'spec/egress/0/hosts/0', 1],
    ['a selector with a wildcard', 'spec/workloadSelector', { labels: { app: '*' } }],
    ['a port as a number', 'spec/egress/0/port', 80],
    ['an unknown capture mode', 'spec/egress/0/captureMode', 'SOME'],
  ),
  ...mutants(
    'AuthorizationPolicy',
    ['an unknown field', 'spec/rule', []],
    ['an unknown action', 'spec/action', 'PERMIT'],
    ['rules as a map', 'spec/rules', {}],
    ['principals as text', `${rule}/from/0/source/principals`, 'a/ns/b/sa/c'],
    ['a source under a wrong key', `${rule}/from/0/sources`, {}],
    ['ports as numbers', `${rule}/to`, [{ operation: { ports: [8080] } }]],
    ['a selector with a wildcard', 'spec/selector', { matchLabels: { app: '*' } }],
    ['a selector with an empty key', 'spec/selector', { matchLabels: { '': 'a' } }],
    [
      'a selector and a target',
      'spec',
      { selector: { matchLabels: { a: 'b' } }, targetRefs: [{ kind: 'Gateway', group: 'g', name: 'n' }] },
    ],
    [
      'principals and service accounts',
      `${rule}/from/0/source`,
      { principals: ['a'], serviceAccounts: ['b'] },
    ],
    ['a provider without CUSTOM as text', 'spec/provider', 'ext'],
    ['an annotation that is no text', 'metadata/annotations', { 'istio.io/dry-run': true }],
  ),
  ...mutants(
    'DestinationRule',
    ['an unknown field', 'spec/trafficPolicies', {}],
    ['no host', 'spec/host', undefined],
    ['an unknown TLS mode', 'spec/trafficPolicy', { tls: { mode: 'MTLS' } }],
    ['a TLS mode of another case', 'spec/trafficPolicy', { tls: { mode: 'Istio_Mutual' } }],
    ['tls as text', 'spec/trafficPolicy', { tls: 'ISTIO_MUTUAL' }],
    ['tls under a wrong key', 'spec/trafficPolicy', { TLS: {} }],
    [
      'a cookie without a name',
      'spec/trafficPolicy',
      { loadBalancer: { consistentHash: { httpCookie: { ttl: '0s' } } } },
    ],
    [
      'two balancers',
      'spec/trafficPolicy',
      { loadBalancer: { simple: 'RANDOM', consistentHash: { useSourceIp: true } } },
    ],
    ['an unknown balancer', 'spec/trafficPolicy', { loadBalancer: { simple: 'ALL' } }],
    ['a subset without a name', 'spec/subsets', [{ labels: { a: 'b' } }]],
    ['a timeout that is none', 'spec/trafficPolicy', { connectionPool: { tcp: { connectTimeout: 'soon' } } }],
  ),
  ...mutants(
    'ServiceEntry',
    ['an unknown field', 'spec/host', 'a'],
    ['no hosts', 'spec/hosts', undefined],
    ['an empty list of hosts', 'spec/hosts', []],
    ['the host *', 'spec/hosts', ['*']],
    ['an unknown resolution', 'spec/resolution', 'dns'],
    ['an unknown location', 'spec/location', 'OUTSIDE'],
    [
      'a port twice',
      'spec/ports',
      [
        { number: 443, name: 'a' },
        { number: 443, name: 'b' },
      ],
    ],
    ['a port too large', 'spec/ports/0/number', 70_000],
    ['a port without a number', 'spec/ports/0/number', undefined],
    ['a network with DNS', 'spec/addresses', ['10.0.0.0/8']],
    ['endpoints and a selector', 'spec/endpoints', 'a'],
  ),
  ...mutants(
    'Namespace',
    ['an unknown field', 'spec/labels', {}],
    ['a label value with a space', 'metadata/labels', { 'istio.io/rev': 'a b' }],
    ['a label value that is too long', 'metadata/labels', { 'istio.io/rev': 'a'.repeat(64) }],
    ['a label value that is no text', 'metadata/labels', { 'istio.io/rev': true }],
    ['a label key with two slashes', 'metadata/labels', { 'istio.io/rev/x': 'a' }],
    ['an empty label key', 'metadata/labels', { '': 'a' }],
    ['labels as a list', 'metadata/labels', ['istio.io/rev']],
    ['a name in upper case', 'metadata/name', 'Payments'],
    ['a name that is too long', 'metadata/name', 'a'.repeat(64)],
    ['an annotation that is no text', 'metadata/annotations', { 'kustomize.toolkit.fluxcd.io/prune': false }],
    ['labels beside metadata', 'labels', { 'istio.io/rev': 'a' }],
  ),
  ...mutants(
    'Deployment',
    ['an unknown field', 'spec/templates', {}],
    [
      'the annotation as a number',
      'spec/template/metadata/annotations',
      { 'meshwright.dev/mesh-revision': 1 },
    ],
    ['annotations as a list', 'spec/template/metadata/annotations', ['a']],
    ['an annotation key with a space', 'spec/template/metadata/annotations', { 'mesh revision': 'a' }],
    ['the annotation beside the metadata', 'spec/template/annotations', { a: 'b' }],
    ['no containers', 'spec/template/spec/containers', []],
    ['labels that the selector misses', 'spec/template/metadata/labels', { other: 'x' }],
    ['an empty selector', 'spec/selector', {}],
    ['replicas as text', 'spec/replicas', 'two'],
    ['a container without a name', 'spec/template/spec/containers/0/name', undefined],
    ['an account with a capital', 'spec/template/spec/serviceAccountName', 'Catalog'],
  ),
];

/** A copy of an object with a mutant's change. */
export function mutated<T>(resource: T, { path, value }: Mutant): T {
  const copy = structuredClone(resource);
  let at = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) at = (at[step] ??= {}) as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  if (value === undefined) Reflect.deleteProperty(at, last);
  else at[last] = value;
  return copy;
}
