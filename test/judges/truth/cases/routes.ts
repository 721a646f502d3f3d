import { istio, service } from '../../../mesh/manifests.ts';
import { app, meshed, namespace } from '../../../traffic/world.ts';
import { both, bothAt, call, paragraph, rule, strict, type Expected } from './case.ts';

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

export const virtualServices = paragraph(
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
  ['a fixed answer', both + route('{hosts: [ledger], http: [{directResponse: {status: 200}}]}'), 'works'],
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
);

const shared = (hosts: string, rest = '', place = 'istio-system/shared') =>
  istio(
    'Gateway',
    place,
    `{selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}, hosts: [${hosts}]}${rest}]}`,
  );
const open = shared('"*"');
const shop = namespace('pay', meshed) + app('pay/ledger');
const bound = (more = '', host = 'pay.example', place = 'pay/ledger') =>
  route(
    `{hosts: [${host}], gateways: [istio-system/shared], http: [{${toLedger.replace('ledger}', 'ledger.pay.svc.cluster.local}')}}]${more}}`,
    place,
  );
const at = (word: Expected[1], more: Expected[2] = {}): Expected => [
  'gateway -> pay/ledger:8080',
  word,
  { host: 'pay.example', path: '/', method: 'GET', ...more },
];

export const gateways = paragraph(
  '4.7',
  ['hosts "*" takes a client without SNI', shop + open + bound(), at('works')],
  ['STRICT behind the gateway', shop + strict + open + bound(), at('works')],
  ['a callee without sidecar', namespace('pay') + app('pay/ledger') + open + bound(), at('works')],
  [
    'a callee without sidecar and ISTIO_MUTUAL',
    namespace('pay') +
      app('pay/ledger') +
      open +
      bound() +
      rule('{host: ledger, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}'),
    at('503 UF'),
  ],
  [
    'a rule of the root namespace for all is the last resort of the gateway too',
    namespace('pay') +
      app('pay/ledger') +
      open +
      bound() +
      istio(
        'DestinationRule',
        'istio-system/default',
        '{host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
      ),
    at('503 UF'),
  ],
  [
    'the rule of the callee’s namespace beats it for the gateway too',
    namespace('pay') +
      app('pay/ledger') +
      open +
      bound() +
      istio(
        'DestinationRule',
        'istio-system/default',
        '{host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
      ) +
      rule('{host: ledger, trafficPolicy: {tls: {mode: DISABLE}}}'),
    at('works'),
  ],
  ['a Gateway with names needs SNI', shop + shared('"*.example"') + bound(), at('reset')],
  ['no VirtualService for the host', shop + open + bound('', 'other.example'), at('404 NR')],
  [
    'a VirtualService bound to a Gateway of its own namespace by that name',
    shop + open + route(`{hosts: [pay.example], gateways: [shared], http: [{${toLedger}}]}`),
    at('404 NR'),
  ],
  [
    'a VirtualService of the mesh only',
    shop + open + route(`{hosts: [pay.example], http: [{${toLedger}}]}`),
    at('404 NR'),
  ],
  [
    'exportTo hides a VirtualService from the gateway',
    shop + open + bound(', exportTo: ["."]'),
    at('404 NR'),
  ],
  ['hosts of this namespace', shop + shared('"pay/*"') + bound(), at('works')],
  ['hosts of another namespace', shop + shared('"shop/*"') + bound(), at('404 NR')],
  ['hosts of the Gateway’s own namespace', shop + shared('"./*"') + bound(), at('404 NR')],
  ['a host whatever its case', shop + open + bound('', 'Pay.Example'), at('works')],
  ['a VirtualService with a wildcard', shop + open + bound('', '"*.example"'), at('works')],
  [
    'an exact VirtualService beside a wildcard',
    shop +
      open +
      bound('', '"*.example"', 'pay/wide') +
      route(
        '{hosts: [pay.example], gateways: [istio-system/shared], http: [{directResponse: {status: 200}}]}',
      ) +
      istio('AuthorizationPolicy', 'pay/deny-all', '{}'),
    at('works'),
  ],
  [
    'a path that no route takes',
    shop + open + route(`{hosts: [pay.example], gateways: [istio-system/shared], http: [${prefix('/api')}]}`),
    [at('works', { path: '/api/x' }), at('404 NR', { path: '/x' })],
  ],
  [
    'two VirtualServices of one host are merged',
    shop +
      open +
      route(`{hosts: [pay.example], gateways: [istio-system/shared], http: [${prefix('/api')}]}`) +
      route(
        `{hosts: [pay.example], gateways: [istio-system/shared], http: [${prefix('/web')}]}`,
        'pay/second',
      ),
    [at('works', { path: '/api/x' }), at('works', { path: '/web' }), at('404 NR', { path: '/x' })],
  ],
  [
    'the gateway’s own principal is what the callee sees',
    shop +
      open +
      bound() +
      istio(
        'AuthorizationPolicy',
        'pay/allow',
        '{rules: [{from: [{source: {principals: [cluster.local/ns/istio-system/sa/istio-ingressgateway]}}]}]}',
      ),
    at('works'),
  ],
  [
    'another principal',
    shop +
      open +
      bound() +
      istio(
        'AuthorizationPolicy',
        'pay/allow',
        '{rules: [{from: [{source: {principals: [cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account]}}]}]}',
      ),
    at('403 RBAC'),
  ],
  [
    'a policy of the root namespace is for the gateway too',
    shop +
      open +
      bound() +
      istio('AuthorizationPolicy', 'istio-system/deny-all', '{}') +
      istio('AuthorizationPolicy', 'pay/allow', '{rules: [{}]}'),
    at('403 RBAC'),
  ],
  [
    'a policy of the root namespace that lets the gateway’s port in',
    shop +
      open +
      bound() +
      istio('AuthorizationPolicy', 'istio-system/deny-all', '{}') +
      istio(
        'AuthorizationPolicy',
        'istio-system/gateway',
        '{selector: {matchLabels: {istio: ingressgateway}}, rules: [{to: [{operation: {ports: ["8443"]}}]}]}',
      ) +
      istio('AuthorizationPolicy', 'pay/allow', '{rules: [{}]}'),
    at('works'),
  ],
  [
    'an HTTP server',
    shop +
      istio(
        'Gateway',
        'istio-system/shared',
        '{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
      ) +
      bound(),
    at('works'),
  ],
  [
    'a Gateway with a name beside one with "*": routes of the former are not there without SNI',
    shop +
      open +
      istio(
        'Gateway',
        'pay/own',
        '{selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}, hosts: [pay.example]}]}',
      ) +
      route(`{hosts: [pay.example], gateways: [pay/own], http: [{${toLedger}}]}`),
    at('404 NR'),
  ],
  [
    'a Sidecar of the root namespace is not for the gateway',
    shop +
      open +
      bound() +
      istio(
        'Sidecar',
        'istio-system/default',
        '{egress: [{hosts: ["./*"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}',
      ),
    at('works'),
  ],
  [
    'a destination that is not there',
    shop +
      open +
      route(
        '{hosts: [pay.example], gateways: [istio-system/shared], http: [{route: [{destination: {host: nowhere.example}}]}]}',
      ),
    at('503 NC'),
  ],
  [
    'a delegate',
    shop +
      open +
      route(
        '{hosts: [pay.example], gateways: [istio-system/shared], http: [{match: [{uri: {prefix: /a}}], delegate: {name: part, namespace: pay}}]}',
      ) +
      route(`{http: [{match: [{uri: {prefix: /a/b}}], ${toLedger}}]}`, 'pay/part'),
    [at('works', { path: '/a/b' }), at('404 NR', { path: '/a' })],
  ],
);

const paths = istio('AuthorizationPolicy', 'pay/paths', '{rules: [{to: [{operation: {paths: [/x]}}]}]}');
const asHttp = { path: '/x', method: 'GET', protocol: 'http' } as const;

export const protocols = paragraph(
  '4.8',
  ['http-', bothAt('{name: http-web, port: 8080}') + paths, [call, 'works', asHttp]],
  ['grpc', bothAt('{name: grpc, port: 8080}') + paths, [call, 'works', asHttp]],
  ['grpc-web', bothAt('{name: grpc-web, port: 8080}') + paths, [call, 'works', asHttp]],
  [
    'a name in capitals is refused by Kubernetes; appProtocol in capitals is not',
    bothAt('{name: x, port: 8080, appProtocol: HTTP}') + paths,
    [call, 'works', asHttp],
  ],
  ['http2', bothAt('{name: http2, port: 8080}') + paths, [call, 'works', asHttp]],
  ['tcp-', bothAt('{name: tcp-web, port: 8080}') + paths, [call, 'reset', { path: '/x', method: 'GET' }]],
  ['redis', bothAt('{name: redis, port: 8080}') + paths, [call, 'reset', { protocol: 'tcp' }]],
  ['mongo', bothAt('{name: mongo, port: 8080}') + paths, [call, 'reset', { protocol: 'tcp' }]],
  ['https- is opaque', bothAt('{name: https-web, port: 8080}') + paths, [call, 'reset']],
  ['tls- is opaque, and goes on as it is', bothAt('{name: tls-web, port: 8080}'), [call, 'works']],
  [
    'appProtocol beats the name',
    bothAt('{name: http-web, port: 8080, appProtocol: tcp}') + paths,
    [call, 'reset', { protocol: 'tcp' }],
  ],
  [
    'appProtocol http on a name that says tcp',
    bothAt('{name: tcp-web, port: 8080, appProtocol: http}') + paths,
    [call, 'works', asHttp],
  ],
  [
    'kubernetes.io/h2c',
    bothAt('{name: x, port: 8080, appProtocol: kubernetes.io/h2c}') + paths,
    [call, 'works', asHttp],
  ],
  [
    'kubernetes.io/ws',
    bothAt('{name: x, port: 8080, appProtocol: kubernetes.io/ws}') + paths,
    [call, 'works', asHttp],
  ],
  [
    'an appProtocol that Istio does not know is sniffed',
    bothAt('{name: tcp, port: 8080, appProtocol: example.com/x}') + paths,
    [call, 'works', asHttp],
  ],
  [
    'no name: sniffed',
    bothAt('{port: 8080}') + paths,
    [
      [call, 'works', asHttp],
      [call, 'reset', { protocol: 'tcp' }],
    ],
  ],
  [
    'another word: sniffed',
    bothAt('{name: web, port: 8080}') + paths,
    [
      [call, 'works', asHttp],
      [call, 'reset', { protocol: 'tcp' }],
    ],
  ],
  [
    '3306 without a name is TCP',
    bothAt('{name: db, port: 3306}') + paths,
    ['shop/web -> pay/ledger:3306', 'reset', { protocol: 'tcp' }],
  ],
  [
    '3306 by name is HTTP',
    bothAt('{name: http, port: 3306}') + paths,
    ['shop/web -> pay/ledger:3306', 'works', asHttp],
  ],
  [
    'a sniffed port, mTLS and STRICT',
    bothAt('{port: 8080}') + strict,
    [
      [call, 'works', { protocol: 'http' }],
      [call, 'works', { protocol: 'tcp' }],
    ],
  ],
);
