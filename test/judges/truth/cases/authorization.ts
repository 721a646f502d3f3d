import { app, meshed, namespace } from '../../../traffic/world.ts';
import { both, bothAt, call, calleeOnly, paragraph, policy, web } from './case.ts';

const tcp = bothAt('{name: tcp-db, port: 8080}');
const translated = bothAt('{name: http, port: 8080, targetPort: 9000}');
const from = (source: string) => `{rules: [{from: [{source: {${source}}}]}]}`;
const to = (operation: string, action = 'ALLOW') =>
  `{action: ${action}, rules: [{to: [{operation: {${operation}}}]}]}`;

export default paragraph(
  '4.2',
  ['no policy', both, 'works'],
  ['an empty spec allows nobody', both + policy('{}'), '403 RBAC'],
  ['an empty rule allows everybody', both + policy('{rules: [{}]}'), 'works'],
  ['DENY with an empty rule', both + policy('{action: DENY, rules: [{}]}'), '403 RBAC'],
  [
    'an ALLOW beside an empty spec opens it',
    both + policy('{}') + policy('{rules: [{}]}', 'pay/other'),
    'works',
  ],
  [
    'DENY beats ALLOW',
    both + policy('{rules: [{}]}') + policy(to('methods: [GET]', 'DENY'), 'pay/deny'),
    [call, '403 RBAC', { method: 'GET', path: '/' }],
  ],
  ['the caller by its principal', both + policy(from(`principals: ["${web}"]`)), 'works'],
  ['another principal', both + policy(from('principals: [cluster.local/ns/shop/sa/other]')), '403 RBAC'],
  ['a principal by its end', both + policy(from('principals: ["*/sa/web"]')), 'works'],
  ['a principal and no certificate', calleeOnly + policy(from(`principals: ["${web}"]`)), '403 RBAC'],
  ['any principal and no certificate', calleeOnly + policy(from('principals: ["*"]')), '403 RBAC'],
  ['any principal and a certificate', both + policy(from('principals: ["*"]')), 'works'],
  [
    'notPrincipals of an ALLOW lets plain text in',
    calleeOnly + policy(from(`notPrincipals: ["${web}"]`)),
    'works',
  ],
  [
    'notPrincipals of a DENY catches plain text',
    calleeOnly + policy(`{action: DENY, rules: [{from: [{source: {notPrincipals: ["${web}"]}}]}]}`),
    '403 RBAC',
  ],
  ['the caller by its namespace', both + policy(from('namespaces: [shop]')), 'works'],
  ['a namespace and no certificate', calleeOnly + policy(from('namespaces: [shop]')), '403 RBAC'],
  ['an account of another namespace', both + policy(from('serviceAccounts: [shop/web]')), 'works'],
  [
    'an account without a namespace is one of the policy’s own',
    both + policy(from('serviceAccounts: [web]')),
    '403 RBAC',
  ],
  ['a port is the container’s', translated + policy(to('ports: ["9000"]')), 'works'],
  ['a port is not the Service’s', translated + policy(to('ports: ["8080"]')), '403 RBAC'],
  [
    'a path that is allowed, and one that is not',
    both + policy(to('paths: [/healthz, /api/*]')),
    [
      [call, 'works', { path: '/healthz', method: 'GET' }],
      [call, 'works', { path: '/api/orders', method: 'GET' }],
      [call, '403 RBAC', { path: '/orders', method: 'GET' }],
      [call, '403 RBAC'],
    ],
  ],
  [
    'a method',
    both + policy(to('methods: [GET]')),
    [
      [call, 'works', { method: 'GET', path: '/' }],
      [call, '403 RBAC', { method: 'POST', path: '/' }],
    ],
  ],
  [
    'notPaths',
    both + policy(to('notPaths: [/admin*]')),
    [
      [call, '403 RBAC', { path: '/admin/x', method: 'GET' }],
      [call, 'works', { path: '/', method: 'GET' }],
    ],
  ],
  [
    'sources and operations of one rule go together',
    both +
      policy(`{rules: [{from: [{source: {principals: ["${web}"]}}], to: [{operation: {ports: ["9999"]}}]}]}`),
    '403 RBAC',
  ],
  [
    'two rules are alternatives',
    both +
      policy(
        `{rules: [{from: [{source: {principals: ["${web}"]}}]}, {to: [{operation: {ports: ["9999"]}}]}]}`,
      ),
    'works',
  ],
  ['paths in an ALLOW on a TCP port', tcp + policy(to('paths: [/]')), 'reset'],
  ['methods in a DENY on a TCP port', tcp + policy(to('methods: [POST]', 'DENY')), 'reset'],
  [
    'paths and ports in a DENY on a TCP port',
    tcp + policy(to('paths: [/x], ports: ["9999"]', 'DENY')),
    'works',
  ],
  ['a principal on a TCP port', tcp + policy(from(`principals: ["${web}"]`)), 'works'],
  ['another principal on a TCP port', tcp + policy(from('principals: [x]')), 'reset'],
  ['dry-run refuses nobody', both + policy('{}', 'pay/policy', '{istio.io/dry-run: "true"}'), 'works'],
  [
    'dry-run of an ALLOW is none',
    both +
      policy(from('principals: [x]'), 'pay/policy', '{istio.io/dry-run: "true"}') +
      policy('{}', 'pay/deny-all'),
    '403 RBAC',
  ],
  ['AUDIT changes nothing', both + policy('{action: AUDIT, rules: [{}]}'), 'works'],
  ['a selector of other pods', both + policy('{selector: {matchLabels: {app: other}}}'), 'works'],
  ['a selector of these pods', both + policy('{selector: {matchLabels: {app: ledger}}}'), '403 RBAC'],
  ['the root namespace is for all pods', both + policy('{}', 'istio-system/deny-all'), '403 RBAC'],
  [
    'a selector in the root namespace',
    both + policy('{selector: {matchLabels: {app: web}}}', 'istio-system/web'),
    [
      [call, 'works'],
      ['pay/ledger -> shop/web:8080', '403 RBAC'],
    ],
  ],
  [
    'an ALLOW of the namespace beside one of the root namespace',
    both + policy('{}', 'istio-system/deny-all') + policy(from(`principals: ["${web}"]`)),
    'works',
  ],
  [
    'CUSTOM with a provider that is not there',
    both + policy('{action: CUSTOM, provider: {name: nobody}, rules: [{}]}'),
    '403 RBAC',
    { providers: [] },
  ],
  [
    'targetRefs are for Gateways of the Gateway API',
    both + policy('{targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: x}]}'),
    'works',
  ],
  [
    'source.namespace as a condition',
    both + policy('{rules: [{when: [{key: source.namespace, values: [shop]}]}]}'),
    'works',
  ],
  [
    'source.principal as a condition that excludes',
    both + policy(`{rules: [{when: [{key: source.principal, notValues: ["${web}"]}]}]}`),
    '403 RBAC',
  ],
  [
    'destination.port as a condition',
    translated + policy('{rules: [{when: [{key: destination.port, values: ["9000"]}]}]}'),
    'works',
  ],
  [
    'a header as a condition of an ALLOW on TCP',
    tcp + policy('{rules: [{when: [{key: "request.headers[x]", values: [y]}]}]}'),
    'reset',
  ],
  [
    'cluster.local stands for the mesh’s own trust domain',
    both + policy(from(`principals: ["${web}"]`)),
    'works',
    { trustDomain: 'acme.test' },
  ],
  [
    'the mesh’s own trust domain',
    both + policy(from('principals: [acme.test/ns/shop/sa/web]')),
    'works',
    { trustDomain: 'acme.test' },
  ],
  [
    'a foreign trust domain',
    both + policy(from('principals: [other.test/ns/shop/sa/web]')),
    '403 RBAC',
    { trustDomain: 'acme.test' },
  ],
  [
    'an alias of the trust domain',
    both + policy(from('principals: [old.test/ns/shop/sa/web]')),
    'works',
    { trustDomain: 'acme.test', trustDomainAliases: ['old.test'] },
  ],
  ['hosts of a service', both + policy(to('hosts: ["ledger.pay.svc.cluster.local"]')), 'works'],
  ['hosts on TCP', tcp + policy(to('hosts: [x]')), 'reset'],
  ['all addresses', calleeOnly + policy(from('ipBlocks: [0.0.0.0/0]')), 'works'],
  [
    'a callee without sidecar asks nobody',
    namespace('shop', meshed) + namespace('pay') + app('shop/web') + app('pay/ledger') + policy('{}'),
    'works',
  ],
);
