import { istio, service } from '../../../mesh/manifests.ts';
import { app, meshed, namespace } from '../../../traffic/world.ts';
import { both, callerOnly, calleeOnly, mutual, paragraph, rule, strict } from './case.ts';

const peers = (spec: string, place = 'pay/default') => istio('PeerAuthentication', place, spec);
const ofLedger = (rest: string) => peers(`{selector: {matchLabels: {app: ledger}}, ${rest}}`, 'pay/ledger');
const meshStrict = peers('{mtls: {mode: STRICT}}', 'istio-system/default');
const policyFor = istio(
  'AuthorizationPolicy',
  'pay/web',
  '{rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}',
);
const mode = (word: string) => peers(`{mtls: {mode: ${word}}}`);

export const peerAuthentication = paragraph(
  '4.3',
  ['nothing: PERMISSIVE takes plain text', calleeOnly, 'works'],
  ['STRICT for the namespace, plain text', calleeOnly + strict, 'reset'],
  ['STRICT for the namespace, mTLS', both + strict, 'works'],
  ['STRICT for the mesh', calleeOnly + meshStrict, 'reset'],
  ['STRICT for the mesh, both in', both + meshStrict, 'works'],
  ['PERMISSIVE for the namespace in a STRICT mesh', calleeOnly + meshStrict + mode('PERMISSIVE'), 'works'],
  ['UNSET inherits from the mesh', calleeOnly + meshStrict + mode('UNSET'), 'reset'],
  ['an empty spec inherits from the mesh', calleeOnly + meshStrict + peers('{}'), 'reset'],
  ['STRICT for the workload', calleeOnly + ofLedger('mtls: {mode: STRICT}'), 'reset'],
  [
    'PERMISSIVE for the workload in a STRICT namespace',
    calleeOnly + strict + ofLedger('mtls: {mode: PERMISSIVE}'),
    'works',
  ],
  [
    'STRICT for another workload',
    calleeOnly + peers('{selector: {matchLabels: {app: x}}, mtls: {mode: STRICT}}', 'pay/x'),
    'works',
  ],
  [
    'a selector in the root namespace selects nothing',
    calleeOnly +
      peers('{selector: {matchLabels: {app: ledger}}, mtls: {mode: STRICT}}', 'istio-system/ledger'),
    'works',
  ],
  [
    'PERMISSIVE for the port',
    calleeOnly + ofLedger('mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: PERMISSIVE}}'),
    'works',
  ],
  ['STRICT for the port', calleeOnly + ofLedger('portLevelMtls: {8080: {mode: STRICT}}'), 'reset'],
  ['STRICT for another port', calleeOnly + ofLedger('portLevelMtls: {9090: {mode: STRICT}}'), 'works'],
  [
    'UNSET for the port inherits from the workload',
    calleeOnly + ofLedger('mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: UNSET}}'),
    'reset',
  ],
  [
    'the port of a policy is the container’s',
    namespace('shop') +
      namespace('pay', meshed) +
      app('shop/web') +
      app('pay/ledger', '{name: http, port: 8080, targetPort: 9000}') +
      ofLedger('portLevelMtls: {9000: {mode: STRICT}}'),
    'reset',
  ],
  ['DISABLE for the namespace: callers send plain text', both + mode('DISABLE'), 'works'],
  [
    'DISABLE for the port, and a rule that sends mTLS',
    both +
      rule(`{host: ledger, trafficPolicy: ${mutual}}`) +
      ofLedger('portLevelMtls: {8080: {mode: DISABLE}}'),
    '503 UF',
  ],
  [
    'DISABLE for the workload: callers are told so of each pod',
    both + ofLedger('mtls: {mode: DISABLE}'),
    'works',
  ],
  [
    'DISABLE for the port, auto mTLS',
    both + ofLedger('mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}'),
    'works',
  ],
  [
    'DISABLE for another port, STRICT',
    both + ofLedger('mtls: {mode: STRICT}, portLevelMtls: {9090: {mode: DISABLE}}'),
    'works',
  ],
  [
    'DISABLE for the workload, and a principal is asked for',
    both + ofLedger('mtls: {mode: DISABLE}') + policyFor,
    '403 RBAC',
  ],
  [
    'STRICT on a TCP port',
    namespace('shop') +
      namespace('pay', meshed) +
      app('shop/web') +
      app('pay/ledger', '{name: tcp, port: 8080}') +
      strict,
    'reset',
  ],
  ['STRICT, called from outside', calleeOnly + strict, ['outside -> pay/ledger:8080', 'reset']],
  ['STRICT without a sidecar does nothing', callerOnly + strict, 'works'],
);

const headless = service(
  'pay/ledger',
  '{clusterIP: None, selector: {app: ledger}, ports: [{name: http, port: 8080}]}',
);
const pods = (pod: string, name = 'ledger') => `---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: pay, name: ${name}}
spec:
  template:
    metadata: {labels: {app: ledger${pod}}}
    spec: {serviceAccountName: ledger, containers: [{name: ledger, image: x}]}
`;
const out = ', sidecar.istio.io/inject: "false"';
const base = namespace('shop', meshed) + namespace('pay', meshed) + app('shop/web');
const mixed = base + app('pay/ledger') + pods(out, 'old');
const rootRule = (spec: string) => rule(spec, 'istio-system/default');
const everywhere = rootRule(`{host: "*.local", trafficPolicy: ${mutual}}`);
const byHand = `---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: pay, name: ledger}
spec:
  template:
    metadata: {labels: {app: ledger}}
    spec: {serviceAccountName: ledger, containers: [{name: ledger, image: x}, {name: istio-proxy, image: x}]}
`;
const plainService = service('pay/ledger', '{selector: {app: ledger}, ports: [{name: http, port: 8080}]}');

export const destinationRules = paragraph(
  '4.4',
  ['auto mTLS: the caller only', callerOnly, 'works'],
  ['auto mTLS to both kinds of pods', mixed, 'works'],
  ['auto mTLS to both kinds of pods, STRICT', mixed + strict, 'works'],
  ['ISTIO_MUTUAL: the caller only', callerOnly + rule(`{host: ledger, trafficPolicy: ${mutual}}`), '503 UF'],
  ['ISTIO_MUTUAL: both', both + rule(`{host: ledger, trafficPolicy: ${mutual}}`), 'works'],
  ['ISTIO_MUTUAL: the callee only', calleeOnly + rule(`{host: ledger, trafficPolicy: ${mutual}}`), 'works'],
  ['ISTIO_MUTUAL to both kinds of pods', mixed + rule(`{host: ledger, trafficPolicy: ${mutual}}`), '503 UF'],
  ['*.local in the root namespace, the callee out', callerOnly + everywhere, '503 UF'],
  ['*.local in the root namespace, both in', both + strict + everywhere, 'works'],
  [
    'a rule without tls shadows *.local, and auto mTLS decides',
    callerOnly +
      everywhere +
      rule('{host: ledger, trafficPolicy: {connectionPool: {tcp: {maxConnections: 9}}}}'),
    'works',
  ],
  [
    'field report 5: a traffic policy without tls, STRICT',
    both + strict + rule('{host: ledger, trafficPolicy: {loadBalancer: {simple: LEAST_REQUEST}}}'),
    'works',
  ],
  ['tls without mode is DISABLE', both + strict + rule('{host: ledger, trafficPolicy: {tls: {}}}'), 'reset'],
  ['DISABLE', both + strict + rule('{host: ledger, trafficPolicy: {tls: {mode: DISABLE}}}'), 'reset'],
  ['DISABLE, PERMISSIVE', both + rule('{host: ledger, trafficPolicy: {tls: {mode: DISABLE}}}'), 'works'],
  [
    'SIMPLE to a STRICT sidecar',
    both + strict + rule('{host: ledger, trafficPolicy: {tls: {mode: SIMPLE}}}'),
    'reset',
  ],
  [
    'a rule of the caller’s namespace wins',
    callerOnly +
      rule(`{host: ledger, trafficPolicy: ${mutual}}`) +
      rule('{host: ledger.pay.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}', 'shop/ledger'),
    'works',
  ],
  [
    'a rule of a third namespace has no say',
    callerOnly +
      namespace('third') +
      rule(`{host: ledger.pay.svc.cluster.local, trafficPolicy: ${mutual}}`, 'third/ledger'),
    'works',
  ],
  [
    'a host of two parts is dead',
    callerOnly + rule(`{host: ledger.pay, trafficPolicy: ${mutual}}`, 'shop/ledger'),
    'works',
  ],
  [
    'a short host is one of the rule’s own namespace',
    callerOnly + rule(`{host: ledger, trafficPolicy: ${mutual}}`, 'shop/ledger'),
    'works',
  ],
  [
    'exportTo keeps a rule at home',
    callerOnly + rule(`{host: ledger, exportTo: ["."], trafficPolicy: ${mutual}}`),
    'works',
  ],
  [
    'exportTo another namespace',
    callerOnly + rule(`{host: ledger, exportTo: [other], trafficPolicy: ${mutual}}`),
    'works',
  ],
  [
    'an exact rule that is exported elsewhere hides a wildcard beside it, and the root namespace decides',
    both +
      strict +
      rule('{host: ledger, exportTo: [other], trafficPolicy: {tls: {mode: DISABLE}}}') +
      rule('{host: "*.pay.svc.cluster.local", trafficPolicy: {tls: {mode: DISABLE}}}', 'pay/wide') +
      everywhere,
    'works',
  ],
  [
    'one that stays at home by a dot hides nothing',
    both +
      strict +
      rule('{host: ledger, exportTo: ["."], trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}') +
      rule('{host: "*.pay.svc.cluster.local", trafficPolicy: {tls: {mode: DISABLE}}}', 'pay/wide') +
      everywhere,
    'reset',
  ],
  [
    'the exact host beats a wildcard',
    both +
      strict +
      rule('{host: "*.pay.svc.cluster.local", trafficPolicy: {tls: {mode: DISABLE}}}', 'pay/wide') +
      rule(`{host: ledger, trafficPolicy: ${mutual}}`),
    'works',
  ],
  [
    'a port’s settings replace the rule’s',
    both +
      strict +
      rule(
        `{host: ledger, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, portLevelSettings: [{port: {number: 8080}, tls: {mode: DISABLE}}]}}`,
      ),
    'reset',
  ],
  [
    'a port’s settings without tls leave it to auto mTLS',
    callerOnly +
      rule(
        `{host: ledger, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, portLevelSettings: [{port: {number: 8080}, loadBalancer: {simple: RANDOM}}]}}`,
      ),
    'works',
  ],
  [
    'a port’s settings without tls under a rule that says DISABLE: endpoints are not marked',
    both +
      strict +
      rule(
        '{host: ledger, trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 8080}, loadBalancer: {simple: RANDOM}}]}}',
      ),
    'reset',
  ],
  [
    'another port’s settings',
    callerOnly +
      rule(
        `{host: ledger, trafficPolicy: {portLevelSettings: [{port: {number: 9090}, tls: {mode: ISTIO_MUTUAL}}]}}`,
      ),
    'works',
  ],
  [
    'a workloadSelector of the caller',
    callerOnly +
      rule(
        `{host: ledger.pay.svc.cluster.local, workloadSelector: {matchLabels: {app: web}}, trafficPolicy: ${mutual}}`,
        'shop/ledger',
      ),
    '503 UF',
  ],
  [
    'a workloadSelector of others',
    callerOnly +
      rule(
        `{host: ledger.pay.svc.cluster.local, workloadSelector: {matchLabels: {app: x}}, trafficPolicy: ${mutual}}`,
        'shop/ledger',
      ),
    'works',
  ],
  [
    'a workloadSelector in the callee’s namespace',
    callerOnly +
      rule(`{host: ledger, workloadSelector: {matchLabels: {app: web}}, trafficPolicy: ${mutual}}`),
    'works',
  ],
  ['enableAutoMtls: false and STRICT', both + strict, 'reset', { enableAutoMtls: false }],
  [
    'enableAutoMtls: false and ISTIO_MUTUAL',
    both + strict + rule(`{host: ledger, trafficPolicy: ${mutual}}`),
    'works',
    { enableAutoMtls: false },
  ],
  [
    'DISABLE for the namespace, STRICT for the workload',
    both + mode('DISABLE') + ofLedger('mtls: {mode: STRICT}'),
    'reset',
  ],
  [
    'DISABLE for the mesh, STRICT for the namespace',
    both + peers('{mtls: {mode: DISABLE}}', 'istio-system/default') + strict,
    'works',
  ],
  [
    'a tlsMode label that is not istio, STRICT',
    base + plainService + pods(', security.istio.io/tlsMode: disabled') + strict,
    'reset',
  ],
  ['a sidecar put in by hand, without the label, STRICT', base + plainService + byHand + strict, 'reset'],
  ['a headless service, all pods in', base + headless + pods('') + strict, 'works'],
  [
    'a headless service, no pod in',
    namespace('shop', meshed) + namespace('pay') + app('shop/web') + headless + pods(''),
    'works',
  ],
  [
    'a headless service, one pod out, STRICT (istio/istio#27376)',
    base + headless + pods('') + pods(out, 'old') + strict,
    'reset',
  ],
  [
    'PASSTHROUGH, one pod out, STRICT',
    mixed + strict + rule('{host: ledger, trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}}'),
    'reset',
  ],
  [
    'PASSTHROUGH, all pods in, STRICT',
    both + strict + rule('{host: ledger, trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}}'),
    'works',
  ],
  ['*.local and the API server', both + everywhere, ['shop/web -> default/kubernetes:443', '503 UF']],
  ['the API server', both, ['shop/web -> default/kubernetes:443', 'works']],
  [
    'ISTIO_MUTUAL to an external host',
    both +
      istio(
        'ServiceEntry',
        'shop/api',
        '{hosts: [api.example.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}',
      ) +
      rule(`{host: api.example.com, trafficPolicy: ${mutual}}`, 'shop/api'),
    ['shop/web -> api.example.com:80', '503 UF'],
  ],
  [
    'two rules for one host, subsets of both',
    both +
      rule('{host: ledger, subsets: [{name: one, labels: {app: ledger}}]}') +
      rule('{host: ledger, subsets: [{name: two, labels: {app: ledger}}]}', 'pay/more') +
      istio(
        'VirtualService',
        'pay/ledger',
        '{hosts: [ledger], http: [{route: [{destination: {host: ledger, subset: two}}]}]}',
      ),
    'works',
  ],
  [
    'a subset’s own tls',
    both +
      strict +
      rule(
        '{host: ledger, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}, subsets: [{name: one, labels: {app: ledger}, trafficPolicy: {tls: {mode: DISABLE}}}]}',
      ) +
      istio(
        'VirtualService',
        'pay/ledger',
        '{hosts: [ledger], http: [{route: [{destination: {host: ledger, subset: one}}]}]}',
      ),
    'reset',
  ],
  [
    'a subset without tls takes the rule’s',
    both +
      strict +
      rule(
        '{host: ledger, trafficPolicy: {tls: {mode: DISABLE}}, subsets: [{name: one, labels: {app: ledger}}]}',
      ) +
      istio(
        'VirtualService',
        'pay/ledger',
        '{hosts: [ledger], http: [{route: [{destination: {host: ledger, subset: one}}]}]}',
      ),
    'reset',
  ],
);
