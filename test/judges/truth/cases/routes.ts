import { istio, service } from '../../../mesh/manifests.ts';
import { app, meshed, namespace } from '../../../traffic/world.ts';
import { both, bothAt, call, paragraph, rule, strict } from './case.ts';

const route = (spec: string, place = 'pay/ledger') => istio('VirtualService', place, spec);
const toLedger = 'route: [{destination: {host: ledger}}]';
const prefix = (path: string, rest = toLedger) => `{match: [{uri: {prefix: ${path}}}], ${rest}}`;
const other =
  app('pay/other') + istio('AuthorizationPolicy', 'pay/other', '{selector: {matchLabels: {app: other}}}');
const toOther = 'route: [{destination: {host: other}}]';
const sidecar = istio(
  'Sidecar',
  'shop/default',
  '{egress: [{hosts: ["./*", "pay/ledger.pay.svc.cluster.local"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}',
);

export default paragraph(
  '4.6',
  [
    'a route to the service itself',
    both + strict + route(`{hosts: [ledger], http: [{${toLedger}}]}`),
    'works',
  ],
  ['a route to another service', both + other + route(`{hosts: [ledger], http: [{${toOther}}]}`), '403 RBAC'],
  [
    'a path that no route takes',
    both + route(`{hosts: [ledger], http: [${prefix('/api')}]}`),
    [
      [call, 'works', { path: '/api/x', method: 'GET' }],
      [call, '404 NR', { path: '/x', method: 'GET' }],
    ],
  ],
  [
    'the first route that takes it',
    both + other + route(`{hosts: [ledger], http: [${prefix('/api', toOther)}, {${toLedger}}]}`),
    [
      [call, '403 RBAC', { path: '/api', method: 'GET' }],
      [call, 'works', { path: '/', method: 'GET' }],
    ],
  ],
  [
    'an exact path',
    both + route(`{hosts: [ledger], http: [{match: [{uri: {exact: /api}}], ${toLedger}}]}`),
    [
      [call, 'works', { path: '/api', method: 'GET' }],
      [call, '404 NR', { path: '/api/x', method: 'GET' }],
    ],
  ],
  [
    'a path whatever its case',
    both +
      route(`{hosts: [ledger], http: [{match: [{uri: {prefix: /API}, ignoreUriCase: true}], ${toLedger}}]}`),
    [call, 'works', { path: '/api', method: 'GET' }],
  ],
  [
    'a method',
    both + route(`{hosts: [ledger], http: [{match: [{method: {exact: POST}}], ${toLedger}}]}`),
    [
      [call, 'works', { path: '/', method: 'POST' }],
      [call, '404 NR', { path: '/', method: 'GET' }],
    ],
  ],
  [
    'a route for a gateway only has no say in the mesh',
    both +
      other +
      istio(
        'Gateway',
        'istio-system/shared',
        '{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
      ) +
      route(`{hosts: [ledger], gateways: [istio-system/shared], http: [{${toOther}}]}`),
    'works',
  ],
  [
    'match.gateways',
    both +
      other +
      route(
        `{hosts: [ledger], gateways: [mesh, istio-system/shared], http: [{match: [{gateways: [istio-system/shared]}], ${toOther}}, {${toLedger}}]}`,
      ),
    'works',
  ],
  [
    'sourceLabels of the caller',
    both +
      other +
      route(`{hosts: [ledger], http: [{match: [{sourceLabels: {app: web}}], ${toOther}}, {${toLedger}}]}`),
    '403 RBAC',
  ],
  [
    'sourceLabels of others',
    both +
      other +
      route(`{hosts: [ledger], http: [{match: [{sourceLabels: {app: x}}], ${toOther}}, {${toLedger}}]}`),
    'works',
  ],
  [
    'sourceNamespace',
    both +
      other +
      route(`{hosts: [ledger], http: [{match: [{sourceNamespace: shop}], ${toOther}}, {${toLedger}}]}`),
    '403 RBAC',
  ],
  [
    'a match of another port',
    both + other + route(`{hosts: [ledger], http: [{match: [{port: 9090}], ${toOther}}, {${toLedger}}]}`),
    'works',
  ],
  [
    'a subset that no rule names',
    both + route('{hosts: [ledger], http: [{route: [{destination: {host: ledger, subset: blue}}]}]}'),
    '503 NC',
  ],
  [
    'a subset',
    both +
      rule('{host: ledger, subsets: [{name: blue, labels: {app: ledger}}]}') +
      route('{hosts: [ledger], http: [{route: [{destination: {host: ledger, subset: blue}}]}]}'),
    'works',
  ],
  [
    'a destination that is not there',
    both + route('{hosts: [ledger], http: [{route: [{destination: {host: api.nowhere.example}}]}]}'),
    '503 NC',
  ],
  [
    'a port that the destination does not have',
    both + route('{hosts: [ledger], http: [{route: [{destination: {host: ledger, port: {number: 9}}}]}]}'),
    '503 NC',
  ],
  [
    'weight 0 gets nothing',
    both +
      other +
      route(
        '{hosts: [ledger], http: [{route: [{destination: {host: ledger}, weight: 100}, {destination: {host: other}, weight: 0}]}]}',
      ),
    'works',
  ],
  [
    'a share that is refused',
    both +
      other +
      route(
        '{hosts: [ledger], http: [{route: [{destination: {host: ledger}, weight: 90}, {destination: {host: other}, weight: 10}]}]}',
      ),
    '403 RBAC',
  ],
  ['a redirect', both + route('{hosts: [ledger], http: [{redirect: {uri: /x}}]}'), 'works'],
  ['a direct response', both + route('{hosts: [ledger], http: [{directResponse: {status: 200}}]}'), 'works'],
  [
    'a delegate',
    both +
      other +
      route('{hosts: [ledger], http: [{delegate: {name: part, namespace: pay}}]}') +
      route(`{http: [{${toOther}}]}`, 'pay/part'),
    '403 RBAC',
  ],
  [
    'a delegate that is not there',
    both +
      route(
        `{hosts: [ledger], http: [{match: [{uri: {prefix: /x}}], delegate: {name: part}}, {${toLedger}}]}`,
      ),
    [call, 'works', { path: '/x', method: 'GET' }],
  ],
  [
    'a delegate that is not exported',
    both +
      namespace('third') +
      route(
        `{hosts: [ledger], http: [{match: [{uri: {prefix: /x}}], delegate: {name: part, namespace: third}}, {${toLedger}}]}`,
      ) +
      route(
        '{exportTo: ["."], http: [{route: [{destination: {host: other.pay.svc.cluster.local}}]}]}',
        'third/part',
      ) +
      other,
    [call, 'works', { path: '/x', method: 'GET' }],
  ],
  [
    'a delegate whose paths are not among the root’s',
    both +
      other +
      route(
        `{hosts: [ledger], http: [{match: [{uri: {prefix: /a}}], delegate: {name: part, namespace: pay}}, {${toLedger}}]}`,
      ) +
      route(`{http: [${prefix('/b', toOther)}]}`, 'pay/part'),
    [
      [call, 'works', { path: '/a', method: 'GET' }],
      [call, 'works', { path: '/b', method: 'GET' }],
    ],
  ],
  [
    'a delegate without its own match takes the root’s',
    both +
      other +
      route(
        `{hosts: [ledger], http: [{match: [{uri: {prefix: /a}}], delegate: {name: part, namespace: pay}}, {${toLedger}}]}`,
      ) +
      route(`{http: [{${toOther}}]}`, 'pay/part'),
    [
      [call, '403 RBAC', { path: '/a/b', method: 'GET' }],
      [call, 'works', { path: '/b', method: 'GET' }],
    ],
  ],
  [
    'exportTo keeps a route at home',
    both + other + route(`{hosts: [ledger], exportTo: ["."], http: [{${toOther}}]}`),
    'works',
  ],
  [
    'a route of the caller’s own',
    both +
      other +
      route(
        '{hosts: [ledger.pay.svc.cluster.local], http: [{route: [{destination: {host: other.pay.svc.cluster.local}}]}]}',
        'shop/ledger',
      ),
    '403 RBAC',
  ],
  [
    'a short host is one of the route’s own namespace',
    both +
      other +
      route(
        '{hosts: [ledger], http: [{route: [{destination: {host: other.pay.svc.cluster.local}}]}]}',
        'shop/ledger',
      ),
    'works',
  ],
  [
    'a wildcard',
    both + other + route(`{hosts: ["*.pay.svc.cluster.local"], http: [{${toOther}}]}`),
    '403 RBAC',
  ],
  [
    'the exact host beats a wildcard',
    both +
      other +
      route(`{hosts: ["*.pay.svc.cluster.local"], http: [{${toOther}}]}`, 'pay/wide') +
      route(`{hosts: [ledger], http: [{${toLedger}}]}`),
    'works',
  ],
  [
    'a route that the Sidecar does not take in',
    both +
      strict +
      sidecar +
      other +
      namespace('third') +
      istio(
        'VirtualService',
        'third/ledger',
        '{hosts: [ledger.pay.svc.cluster.local], http: [{route: [{destination: {host: other.pay.svc.cluster.local}}]}]}',
      ),
    'works',
  ],
  [
    'HTTP routes on a TCP port',
    bothAt('{name: tcp, port: 8080}') + other + route(`{hosts: [ledger], http: [{${toOther}}]}`),
    'works',
  ],
  [
    'a TCP route',
    bothAt('{name: tcp, port: 8080}') +
      other +
      route(`{hosts: [ledger], tcp: [{${toOther.replace('other}', 'other, port: {number: 8080}}')}}]}`),
    '403 RBAC',
  ],
  [
    'a destination of several ports, none named: the one that was called',
    namespace('shop', meshed) +
      namespace('pay', meshed) +
      app('shop/web') +
      app('pay/ledger', '{name: http, port: 8080}, {name: http-two, port: 9090}') +
      route(`{hosts: [ledger], http: [{${toLedger}}]}`),
    'works',
  ],
  [
    'a service without pods',
    both +
      service('pay/empty', '{selector: {app: nobody}, ports: [{name: http, port: 8080}]}') +
      route('{hosts: [ledger], http: [{route: [{destination: {host: empty}}]}]}'),
    '503 UH',
  ],
  [
    'a route for a name that nothing declares has no say',
    both +
      other +
      istio(
        'VirtualService',
        'shop/api',
        '{hosts: [api.example.com], http: [{route: [{destination: {host: other.pay.svc.cluster.local}}]}]}',
      ),
    ['shop/web -> api.example.com:8080', 'works'],
  ],
);
