import { istio } from '../../../mesh/manifests.ts';
import { app, meshed, namespace } from '../../../traffic/world.ts';
import { paragraph, rule, strict, type Expected } from './case.ts';

const route = (spec: string, place = 'pay/ledger') => istio('VirtualService', place, spec);
const toLedger = 'route: [{destination: {host: ledger}}]';
const prefix = (path: string, rest = toLedger) => `{match: [{uri: {prefix: ${path}}}], ${rest}}`;

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

export default paragraph(
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
