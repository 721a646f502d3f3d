import { describe, expect, it } from 'vitest';
import { istio, service } from '../mesh/manifests.ts';
import { app, meshed, namespace, verdictIn } from './world.ts';

// Reference 4.9, step by step. https://istio.io/latest/docs/concepts/security/
const call = 'shop/web -> pay/ledger:8080';
const apps = app('shop/web') + app('pay/ledger');
const bothIn = namespace('shop', meshed) + namespace('pay', meshed) + apps;
const callerIn = namespace('shop', meshed) + namespace('pay') + apps;
const calleeIn = namespace('shop') + namespace('pay', meshed) + apps;
const bothOut = namespace('shop') + namespace('pay') + apps;
const strict = istio('PeerAuthentication', 'pay/default', '{mtls: {mode: STRICT}}');
const mutual = istio(
  'DestinationRule',
  'pay/ledger',
  '{host: ledger, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
);
const plain = istio('DestinationRule', 'pay/ledger', '{host: ledger, trafficPolicy: {tls: {}}}');
const sidecar = (more = '') => istio('Sidecar', 'shop/default', `{egress: [{hosts: ["./*"]}]${more}}`);
const registryOnly = ', outboundTrafficPolicy: {mode: REGISTRY_ONLY}';
const allow = (principal: string) =>
  istio('AuthorizationPolicy', 'pay/allow', `{rules: [{from: [{source: {principals: ["${principal}"]}}]}]}`);
const web = 'cluster.local/ns/shop/sa/web';

const wordOf = (manifests: string, text = call, more = {}, settings = {}) => {
  const { verdict, symptom } = verdictIn(manifests, text, more, settings);
  return verdict === 'undetermined' ? '?' : (symptom ?? verdict);
};

describe('the four pairs of callers and callees (istio/istio#36672)', () => {
  it.each<[string, string, string, string]>([
    ['auto mTLS: neither in the mesh', bothOut, '', 'works'],
    ['auto mTLS: the caller only', callerIn, '', 'works'],
    ['auto mTLS: the callee only, PERMISSIVE', calleeIn, '', 'works'],
    ['auto mTLS: both', bothIn, '', 'works'],
    ['STRICT: the callee only', calleeIn, strict, 'reset'],
    ['STRICT: both', bothIn, strict, 'works'],
    ['STRICT for a callee without sidecar does nothing', callerIn, strict, 'works'],
    ['ISTIO_MUTUAL: neither in the mesh', bothOut, mutual, 'works'],
    ['ISTIO_MUTUAL: the caller only', callerIn, mutual, '503 UF'],
    ['ISTIO_MUTUAL: the callee only', calleeIn, mutual, 'works'],
    ['ISTIO_MUTUAL: both', bothIn, mutual, 'works'],
    ['tls: {} and STRICT: plain text is reset', bothIn, plain + strict, 'reset'],
    ['tls: {} and PERMISSIVE', bothIn, plain, 'works'],
    [
      'ISTIO_MUTUAL to a callee whose port says DISABLE',
      bothIn,
      mutual +
        istio(
          'PeerAuthentication',
          'pay/ledger',
          '{selector: {matchLabels: {app: ledger}}, portLevelMtls: {8080: {mode: DISABLE}}}',
        ),
      '503 UF',
    ],
    [
      'auto mTLS with DISABLE for the namespace',
      bothIn,
      istio('PeerAuthentication', 'pay/default', '{mtls: {mode: DISABLE}}'),
      'works',
    ],
  ])('%s', (_, manifests, more, expected) => {
    expect(wordOf(manifests + more)).toBe(expected);
  });

  it('names the rule, its line, and what happens', () => {
    const { steps, ...verdict } = verdictIn(callerIn + mutual, call);

    expect(verdict).toEqual({
      verdict: 'breaks',
      symptom: '503 UF',
      reason:
        'pay/ledger has no sidecar, and the DestinationRule sends mTLS to every endpoint (ISTIO_MUTUAL): the TLS handshake fails.',
      resource: 'DestinationRule pay/ledger',
      file: 'before.yaml',
      line: 39,
    });
    expect(steps.map(({ text }) => text)).toEqual([
      'shop/web has a sidecar: the label istio.io/rev of its namespace.',
      'The DestinationRule sends mTLS to every endpoint (ISTIO_MUTUAL).',
      'pay/ledger has no sidecar: neither its namespace nor its pods ask for a sidecar.',
    ]);
  });
});

describe('who the caller is (4.2, 4.9 step 8)', () => {
  it.each<[string, string, string]>([
    ['a caller with a sidecar is let in by its principal', bothIn + allow(web), 'works'],
    [
      'a caller without one has no identity, PERMISSIVE or not (istio/istio#36119)',
      calleeIn + allow(web),
      '403 RBAC',
    ],
    ['another principal', bothIn + allow('cluster.local/ns/shop/sa/other'), '403 RBAC'],
    ['a callee without sidecar asks nobody', callerIn + allow('x'), 'works'],
    ['plain text by a rule loses the identity', bothIn + plain + allow(web), '403 RBAC'],
    [
      'dry-run refuses nobody',
      bothIn + istio('AuthorizationPolicy', 'pay/deny-all', '{}', '{istio.io/dry-run: "true"}'),
      'works',
    ],
  ])('%s', (_, manifests, expected) => {
    expect(wordOf(manifests)).toBe(expected);
  });

  it('a refusal on a TCP port is a closed connection', () => {
    const tcp =
      namespace('shop') +
      namespace('pay', meshed) +
      app('shop/web') +
      app('pay/ledger', '{name: tcp-db, port: 8080}');

    expect(wordOf(tcp + allow(web))).toBe('reset');
  });

  it('a port without protocol: the same for HTTP and TCP is known, a rule for paths is not', () => {
    const sniffed =
      namespace('shop', meshed) +
      namespace('pay', meshed) +
      app('shop/web') +
      app('pay/ledger', '{port: 8080}');
    const paths = istio('AuthorizationPolicy', 'pay/paths', '{rules: [{to: [{operation: {paths: ["*"]}}]}]}');

    expect(wordOf(sniffed + allow(web))).toBe('works');
    expect(wordOf(sniffed + paths)).toBe('?');
    expect(wordOf(sniffed + paths, call, { protocol: 'http' })).toBe('works');
    expect(wordOf(sniffed + paths, call, { protocol: 'tcp' })).toBe('reset');
  });

  it('policies compare the port of the container, by its name too', () => {
    const named = `---
apiVersion: v1
kind: Service
metadata: {namespace: pay, name: ledger}
spec: {selector: {app: ledger}, ports: [{name: http, port: 8080, targetPort: web}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: pay, name: ledger}
spec: {template: {metadata: {labels: {app: ledger}}, spec: {containers: [{name: a, ports: [{name: web, containerPort: 9000}]}]}}}
`;
    const policy = (port: string) =>
      istio('AuthorizationPolicy', 'pay/port', `{rules: [{to: [{operation: {ports: ["${port}"]}}]}]}`);
    const base = namespace('shop', meshed) + namespace('pay', meshed) + app('shop/web') + named;

    expect(wordOf(base + policy('9000'))).toBe('works');
    expect(wordOf(base + policy('8080'))).toBe('403 RBAC');
  });
});

describe('what the caller knows (4.5, 4.9 step 2)', () => {
  it.each<[string, string, string]>([
    ['a service that its Sidecar does not take in: passed through', bothIn + sidecar(), 'works'],
    ['and in plain text, which STRICT resets', bothIn + sidecar() + strict, 'reset'],
    ['and without identity, which policies refuse', bothIn + sidecar() + allow(web), '403 RBAC'],
    ['REGISTRY_ONLY refuses it', bothIn + sidecar(registryOnly), '502 BlackHole'],
    ['the Sidecar of a caller without sidecar does nothing', calleeIn + sidecar(registryOnly), 'works'],
    [
      'a route for its name that the Sidecar takes in does not make it known',
      bothIn +
        sidecar(registryOnly) +
        istio(
          'VirtualService',
          'shop/ledger',
          '{hosts: [ledger.pay.svc.cluster.local], http: [{route: [{destination: {host: ledger.pay.svc.cluster.local}}]}]}',
        ),
      '502 BlackHole',
    ],
    ['a rule of a service that is not taken in does nothing', callerIn + sidecar() + mutual, 'works'],
  ])('%s', (_, manifests, expected) => {
    expect(wordOf(manifests)).toBe(expected);
  });

  it.each<[string, string, string, string]>([
    ['ALLOW_ANY passes hosts outside', '', 'api.example.com:443', 'works'],
    ['REGISTRY_ONLY resets TLS to unknown hosts', sidecar(registryOnly), 'api.example.com:443', 'reset'],
    ['and answers 502 to HTTP', sidecar(registryOnly), 'api.example.com:80', '502 BlackHole'],
    [
      'a ServiceEntry of the namespace lets it out',
      sidecar(registryOnly) +
        istio(
          'ServiceEntry',
          'shop/api',
          '{hosts: [api.example.com], ports: [{number: 443, name: tls, protocol: TLS}]}',
        ),
      'api.example.com:443',
      'works',
    ],
    [
      'at its ports only',
      sidecar(registryOnly) +
        istio(
          'ServiceEntry',
          'shop/api',
          '{hosts: [api.example.com], ports: [{number: 443, name: tls, protocol: TLS}]}',
        ),
      'api.example.com:8443',
      'reset',
    ],
    [
      'a ServiceEntry that the Sidecar does not take in does not',
      sidecar(registryOnly) +
        istio(
          'ServiceEntry',
          'pay/api',
          '{hosts: [api.example.com], ports: [{number: 443, name: tls, protocol: TLS}]}',
        ),
      'api.example.com:443',
      'reset',
    ],
    ['the API server is unknown too', sidecar(registryOnly), 'default/kubernetes:443', 'reset'],
    [
      'until it is taken in',
      istio(
        'Sidecar',
        'shop/default',
        '{egress: [{hosts: ["./*", "default/kubernetes.default.svc.cluster.local"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}',
      ),
      'default/kubernetes:443',
      'works',
    ],
    [
      'a mesh-wide ISTIO_MUTUAL breaks the API server (istio/installer#502)',
      istio(
        'DestinationRule',
        'istio-system/default',
        '{host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
      ),
      'default/kubernetes:443',
      '503 UF',
    ],
    ['a Service that nobody read', '', 'other/thing:80', '?'],
    ['a port that the Service does not have', '', 'pay/ledger:9', 'refused'],
  ])('%s', (_, manifests, to, expected) => {
    expect(wordOf(bothIn + manifests, `shop/web -> ${to}`)).toBe(expected);
  });
});

describe('routes in the mesh (4.6, 4.9 step 3)', () => {
  const routed = (spec: string) =>
    bothIn + app('pay/ledger-v2') + istio('VirtualService', 'pay/ledger', `{hosts: [ledger], http: ${spec}}`);

  it.each<[string, string, string]>([
    ['a route to another service', '[{route: [{destination: {host: ledger-v2}}]}]', 'works'],
    ['a route to a service that is not there', '[{route: [{destination: {host: nobody}}]}]', '?'],
    [
      'a route to a subset that no rule has',
      '[{route: [{destination: {host: ledger, subset: v9}}]}]',
      '503 NC',
    ],
    [
      'no route takes it',
      '[{match: [{uri: {prefix: /x}}], route: [{destination: {host: ledger}}]}]',
      '404 NR',
    ],
    ['a redirect answers', '[{redirect: {uri: /x}}]', 'works'],
  ])('%s', (_, http, expected) => {
    expect(wordOf(routed(http), call, { path: '/items' })).toBe(expected);
  });

  it('a share of the requests that breaks, breaks the call', () => {
    const shares =
      '[{route: [{destination: {host: ledger}, weight: 90}, {destination: {host: ledger, subset: v9}, weight: 10}]}]';

    expect(wordOf(routed(shares))).toBe('503 NC');
  });

  it('which route an unknown path takes is not known, unless all fare the same', () => {
    const two = (second: string) =>
      `[{match: [{uri: {prefix: /x}}], route: [{destination: {host: ledger}}]}, {route: [{destination: ${second}}]}]`;

    expect(wordOf(routed(two('{host: ledger-v2}')))).toBe('works');
    expect(wordOf(routed(two('{host: ledger, subset: v9}')))).toBe('?');
  });
});

// Found by putting the same to a real istiod: test/judges/truth.
describe('what a real istiod says', () => {
  it('a pod whose own policy says DISABLE is not marked to take mTLS, and gets plain text', () => {
    const disabled = istio(
      'PeerAuthentication',
      'pay/ledger',
      '{selector: {matchLabels: {app: ledger}}, mtls: {mode: DISABLE}}',
    );

    expect(wordOf(bothIn + disabled)).toBe('works');
    expect(wordOf(bothIn + disabled + allow(web))).toBe('403 RBAC');
    expect(wordOf(bothIn + disabled + mutual)).toBe('503 UF');
  });

  it('a route to a Service that is not exported to the caller has no cluster', () => {
    const hidden = app('pay/ledger').replace(
      'name: ledger}',
      'name: ledger, annotations: {networking.istio.io/exportTo: "."}}',
    );
    const route = istio(
      'VirtualService',
      'shop/alias',
      '{hosts: [alias.shop.svc.cluster.local], http: [{route: [{destination: {host: ledger.pay.svc.cluster.local}}]}]}',
    );
    const cluster =
      namespace('shop', meshed) + namespace('pay', meshed) + app('shop/web') + app('shop/alias') + hidden;

    expect(wordOf(cluster + route, 'shop/web -> shop/alias:8080')).toBe('503 NC');
  });

  it('policies of the root namespace are for the gateway too', () => {
    const gateway =
      bothIn +
      istio(
        'Gateway',
        'istio-system/shared',
        '{selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*"]}]}',
      ) +
      istio(
        'VirtualService',
        'pay/ledger',
        '{hosts: [pay.example], gateways: [istio-system/shared], http: [{route: [{destination: {host: ledger}}]}]}',
      ) +
      istio('AuthorizationPolicy', 'pay/all', '{rules: [{}]}');
    const through = (more: string) =>
      wordOf(gateway + more, 'gateway -> pay/ledger:8080', { host: 'pay.example' });

    expect(through('')).toBe('works');
    expect(through(istio('AuthorizationPolicy', 'istio-system/deny-all', '{}'))).toBe('403 RBAC');
    expect(
      through(istio('AuthorizationPolicy', 'istio-system/web', '{selector: {matchLabels: {app: web}}}')),
    ).toBe('works');
  });
});

describe('pods (4.1, 4.3, 4.4)', () => {
  it('a headless Service with one pod without sidecar gets plain text, which the others reset when STRICT', () => {
    const mixed =
      namespace('shop', meshed) +
      namespace('pay', meshed) +
      app('shop/web') +
      service('pay/db', '{clusterIP: None, selector: {tier: db}, ports: [{name: tcp, port: 8080}]}') +
      app('pay/one', undefined, '').replace('{app: one}}', '{app: one, tier: db}}') +
      app('pay/two', undefined, '').replace(
        'labels: {app: two}}',
        'labels: {app: two, tier: db, sidecar.istio.io/inject: "false"}}',
      );

    expect(wordOf(mixed, 'shop/web -> pay/db:8080')).toBe('works');
    expect(wordOf(mixed + strict, 'shop/web -> pay/db:8080')).toBe('reset');
  });

  it('auto mTLS goes by the label of the pods: without it a STRICT sidecar gets plain text', () => {
    const unmarked =
      namespace('shop', meshed) +
      namespace('pay', meshed) +
      app('shop/web') +
      app('pay/ledger').replace('{app: ledger}}', '{app: ledger, security.istio.io/tlsMode: disabled}}');

    expect(wordOf(unmarked)).toBe('works');
    expect(wordOf(unmarked + strict)).toBe('reset');
    expect(wordOf(unmarked + strict + mutual)).toBe('works');
  });

  it('a port that the sidecar does not take is raw: mTLS fails there', () => {
    const excluded =
      namespace('shop', meshed) +
      namespace('pay', meshed) +
      app('shop/web') +
      app('pay/ledger', undefined, ', annotations: {traffic.sidecar.istio.io/excludeInboundPorts: "8080"}');

    expect(wordOf(excluded)).toBe('503 UF');
    expect(wordOf(excluded + plain)).toBe('works');
  });

  it('a Namespace that was not read: known only where its label makes no difference', () => {
    const unread = namespace('pay', meshed) + apps;

    expect(wordOf(unread)).toBe('works');
    expect(wordOf(unread + strict)).toBe('?');
    expect(verdictIn(unread + strict, call).settle).toBe(
      'Also read the repository of shop with its Namespace, and the manifests of the control plane.',
    );
  });

  it('a caller of whom nothing was read', () => {
    expect(wordOf(bothIn, 'ops/prometheus -> pay/ledger:8080')).toBe('works');
    expect(wordOf(bothIn + strict, 'ops/prometheus -> pay/ledger:8080')).toBe('?');
    expect(wordOf(bothIn + strict, 'outside -> pay/ledger:8080')).toBe('reset');
  });

  it('two PeerAuthentications for one namespace: the older one decides, which Git does not know', () => {
    const two = strict + istio('PeerAuthentication', 'pay/other', '{mtls: {mode: PERMISSIVE}}');

    expect(wordOf(calleeIn + two)).toBe('?');
    expect(verdictIn(calleeIn + two, call).reason).toContain('Several PeerAuthentications');
  });
});
