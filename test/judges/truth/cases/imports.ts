import { istio, service } from '../../../mesh/manifests.ts';
import { app, meshed, namespace } from '../../../traffic/world.ts';
import { both, bothAt, call, paragraph, strict } from './case.ts';

const sidecar = (hosts: string, more = '', place = 'shop/default') =>
  istio('Sidecar', place, `{egress: [{hosts: [${hosts}]}]${more}}`);
const only = ', outboundTrafficPolicy: {mode: REGISTRY_ONLY}';
const anyHost = ', outboundTrafficPolicy: {mode: ALLOW_ANY}';
const registryOnly = { outboundTrafficPolicy: 'REGISTRY_ONLY' } as const;
const entry = (rest: string, place = 'shop/api') =>
  istio('ServiceEntry', place, `{hosts: [api.example.com], resolution: DNS, ${rest}}`);
const https = 'ports: [{number: 443, name: tls, protocol: TLS}]';
const route = istio(
  'VirtualService',
  'shop/alias',
  '{hosts: [alias.shop.svc.cluster.local], http: [{route: [{destination: {host: ledger.pay.svc.cluster.local}}]}]}',
);
const hidden = `---
apiVersion: v1
kind: Service
metadata: {namespace: pay, name: ledger, annotations: {networking.istio.io/exportTo: "."}}
spec: {selector: {app: ledger}, ports: [{name: http, port: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: pay, name: ledger}
spec:
  template:
    metadata: {labels: {app: ledger}}
    spec: {serviceAccountName: ledger, containers: [{name: ledger, image: x}]}
`;
const apiServer = 'shop/web -> default/kubernetes:443';
const external = 'shop/web -> api.example.com:443';

export default paragraph(
  '4.5',
  ['no Sidecar: everything', both + strict, 'works'],
  ['a namespace that is not taken in, ALLOW_ANY: plain text', both + sidecar('"./*"'), 'works'],
  ['the same, STRICT', both + strict + sidecar('"./*"'), 'reset'],
  ['the same, REGISTRY_ONLY', both + sidecar('"./*"', only), '502 BlackHole'],
  [
    'the same, REGISTRY_ONLY, on a TCP port',
    bothAt('{name: tcp, port: 8080}') + sidecar('"./*"', only),
    'reset',
  ],
  [
    'the same, REGISTRY_ONLY, nothing imported with that port',
    namespace('shop', meshed) +
      namespace('pay', meshed) +
      app('shop/web', '{name: http, port: 7070}') +
      app('pay/ledger') +
      sidecar('"./*"', only),
    '502 BlackHole',
  ],
  [
    'an empty outboundTrafficPolicy is REGISTRY_ONLY',
    both + sidecar('"./*"', ', outboundTrafficPolicy: {}'),
    '502 BlackHole',
  ],
  ['REGISTRY_ONLY of the mesh', both + sidecar('"./*"'), '502 BlackHole', registryOnly],
  [
    'ALLOW_ANY of the Sidecar in a mesh of REGISTRY_ONLY',
    both + sidecar('"./*"', anyHost),
    'works',
    registryOnly,
  ],
  ['the namespace is taken in', both + strict + sidecar('"./*", "pay/*"', only), 'works'],
  ['every namespace is taken in', both + strict + sidecar('"*/*"', only), 'works'],
  ['one service is taken in', both + strict + sidecar('"pay/ledger.pay.svc.cluster.local"', only), 'works'],
  ['a short name takes in nothing', both + sidecar('"pay/ledger"', only), '502 BlackHole'],
  ['a wildcard takes it in', both + strict + sidecar('"pay/*.svc.cluster.local"', only), 'works'],
  ['~ takes in nothing', both + sidecar('"~/*"', only), '502 BlackHole'],
  ['what is taken away again', both + sidecar('"*/*", "~pay/*"', only), '502 BlackHole'],
  [
    'what is taken away for another service',
    both + strict + sidecar('"*/*", "~pay/other.pay.svc.cluster.local"', only),
    'works',
  ],
  [
    'a listener of this port',
    both +
      strict +
      istio(
        'Sidecar',
        'shop/default',
        `{egress: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: ["pay/*"]}]${only}}`,
      ),
    'works',
  ],
  [
    'a listener of another port',
    both +
      istio(
        'Sidecar',
        'shop/default',
        `{egress: [{port: {number: 9090, name: http, protocol: HTTP}, hosts: ["pay/*"]}]${only}}`,
      ),
    '502 BlackHole',
  ],
  [
    'no egress is everything',
    both + strict + istio('Sidecar', 'shop/default', '{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}'),
    'works',
  ],
  [
    'a Sidecar for this workload beats the one for all',
    both +
      strict +
      sidecar('"./*"', only) +
      istio('Sidecar', 'shop/web', '{workloadSelector: {labels: {app: web}}, egress: [{hosts: ["pay/*"]}]}'),
    'works',
  ],
  [
    'a Sidecar for another workload',
    both +
      sidecar('"./*"', only) +
      istio('Sidecar', 'shop/x', '{workloadSelector: {labels: {app: x}}, egress: [{hosts: ["pay/*"]}]}'),
    '502 BlackHole',
  ],
  [
    'the Sidecar of the root namespace',
    both + sidecar('"./*"', only, 'istio-system/default'),
    '502 BlackHole',
  ],
  [
    'the own Sidecar beats it',
    both + strict + sidecar('"./*"', only, 'istio-system/default') + sidecar('"pay/*"'),
    'works',
  ],
  [
    'the destination of a route is taken in with it, for the route only',
    both +
      service('shop/alias', '{selector: {app: web}, ports: [{name: http, port: 8080}]}') +
      strict +
      sidecar('"./*"', only) +
      route,
    [
      ['shop/web -> shop/alias:8080', 'works'],
      [call, '502 BlackHole'],
    ],
  ],
  [
    'a route of the own namespace for the very name',
    both +
      strict +
      sidecar('"./*"', only) +
      istio(
        'VirtualService',
        'shop/ledger',
        '{hosts: [ledger.pay.svc.cluster.local], http: [{route: [{destination: {host: ledger.pay.svc.cluster.local}}]}]}',
      ),
    '502 BlackHole',
  ],
  [
    'the same on a TCP port',
    bothAt('{name: tcp, port: 8080}') + strict + sidecar('"./*"', only) + route,
    [call, 'reset'],
  ],
  [
    'a route to a Service that is not exported',
    namespace('shop', meshed) +
      namespace('pay', meshed) +
      app('shop/web') +
      hidden +
      service('shop/alias', '{selector: {app: web}, ports: [{name: http, port: 8080}]}') +
      route,
    ['shop/web -> shop/alias:8080', '503 NC'],
  ],
  [
    'a Service that is not exported',
    namespace('shop', meshed) + namespace('pay', meshed) + app('shop/web') + hidden + sidecar('"*/*"', only),
    '502 BlackHole',
  ],
  [
    'a Service that is not exported, STRICT, ALLOW_ANY',
    namespace('shop', meshed) + namespace('pay', meshed) + app('shop/web') + hidden + strict,
    'reset',
  ],
  [
    'a caller without sidecar has no Sidecar',
    namespace('shop') +
      namespace('pay', meshed) +
      app('shop/web') +
      app('pay/ledger') +
      sidecar('"./*"', only),
    'works',
  ],
  ['the API server is not taken in', both + sidecar('"./*"', only), [apiServer, 'reset']],
  [
    'the API server is taken in',
    both + sidecar('"./*", "default/kubernetes.default.svc.cluster.local"', only),
    [apiServer, 'works'],
  ],
  ['a name outside, ALLOW_ANY', both, [external, 'works']],
  ['a name outside, REGISTRY_ONLY, TLS', both + sidecar('"./*"', only), [external, 'reset']],
  [
    'a name outside, REGISTRY_ONLY, HTTP',
    both + sidecar('"./*"', only),
    ['shop/web -> api.example.com:8080', '502 BlackHole'],
  ],
  ['a ServiceEntry of the own namespace', both + sidecar('"./*"', only) + entry(https), [external, 'works']],
  [
    'a ServiceEntry without this port',
    both + sidecar('"./*"', only) + entry('ports: [{number: 8443, name: tls, protocol: TLS}]'),
    [external, 'reset'],
  ],
  [
    'a ServiceEntry of another namespace, not taken in',
    both + sidecar('"./*"', only) + entry(https, 'pay/api'),
    [external, 'reset'],
  ],
  [
    'a ServiceEntry of another namespace, taken in',
    both + sidecar('"./*", "pay/*"', only) + entry(https, 'pay/api'),
    [external, 'works'],
  ],
  [
    'a ServiceEntry that is not exported',
    both + sidecar('"*/*"', only) + entry(`${https}, exportTo: ["."]`, 'pay/api'),
    [external, 'reset'],
  ],
  [
    'a ServiceEntry for HTTP',
    both + sidecar('"./*"', only) + entry('ports: [{number: 80, name: http, protocol: HTTP}]'),
    ['shop/web -> api.example.com:80', 'works'],
  ],
  [
    'a wildcard ServiceEntry, resolution NONE',
    both + sidecar('"./*"', only) + istio('ServiceEntry', 'shop/all', `{hosts: ["*.example.com"], ${https}}`),
    [external, 'works'],
  ],
  [
    'Sidecars do not limit who may call',
    both + strict + sidecar('"./*"', only, 'pay/default'),
    [call, 'works'],
  ],
);
