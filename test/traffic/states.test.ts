import { describe, expect, it } from 'vitest';
import { istio } from '../mesh/manifests.ts';
import { app, meshed, namespace, outcomes, statesFrom, verdictIn } from './world.ts';

// Reference 4.7 (a gateway behind a load balancer) and 4.9 (the states of a move).
const call = 'shop/web -> pay/ledger:8080';
const apps = app('shop/web') + app('pay/ledger');
const bothIn = namespace('shop', meshed) + namespace('pay', meshed) + apps;
const callerIn = namespace('shop', meshed) + namespace('pay') + apps;
const bothOut = namespace('shop') + namespace('pay') + apps;
const strict = istio('PeerAuthentication', 'pay/default', '{mtls: {mode: STRICT}}');
const mutual = istio(
  'DestinationRule',
  'pay/ledger',
  '{host: ledger, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
);
const registryOnly = ', outboundTrafficPolicy: {mode: REGISTRY_ONLY}';
const allow = (principal: string) =>
  istio('AuthorizationPolicy', 'pay/allow', `{rules: [{from: [{source: {principals: ["${principal}"]}}]}]}`);
const web = 'cluster.local/ns/shop/sa/web';

const wordOf = (manifests: string, text = call, more = {}, settings = {}) => {
  const { verdict, symptom } = verdictIn(manifests, text, more, settings);
  return verdict === 'undetermined' ? '?' : (symptom ?? verdict);
};

describe('the shared gateway (4.7)', () => {
  const gateway = (hosts = '["*"]') =>
    istio(
      'Gateway',
      'istio-system/shared',
      `{selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE}, hosts: ${hosts}}]}`,
    );
  const virtual = istio(
    'VirtualService',
    'pay/ledger',
    '{hosts: [pay.example], gateways: [istio-system/shared], http: [{route: [{destination: {host: ledger, port: {number: 8080}}}]}]}',
  );
  const words = (manifests: string) =>
    wordOf(manifests, 'gateway -> pay/ledger:8080', { host: 'pay.example' });

  it.each<[string, string, string]>([
    ['a route to pods in the mesh', bothIn + gateway() + virtual, 'works'],
    ['a route to pods outside of it: auto mTLS', callerIn + gateway() + virtual, 'works'],
    ['a label without a restart and ISTIO_MUTUAL', callerIn + gateway() + virtual + mutual, '503 UF'],
    ['specific hosts, and a load balancer without SNI', bothIn + gateway('[pay.example]') + virtual, 'reset'],
    [
      'the gateway comes with its own account',
      bothIn + gateway() + virtual + allow('cluster.local/ns/istio-system/sa/istio-ingressgateway'),
      'works',
    ],
    [
      'an account of the other chart',
      bothIn +
        gateway() +
        virtual +
        allow('cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account'),
      '403 RBAC',
    ],
    ['no Gateway was read', bothIn + virtual, '?'],
    ['before anything is bound to it, what routes the host is not known', bothIn + gateway(), '?'],
  ])('%s', (_, manifests, expected) => {
    expect(words(manifests)).toBe(expected);
  });

  it('a VirtualService for all that is still bound to another Gateway is 404 once all is merged', () => {
    const states = statesFrom({
      before: bothIn + gateway(),
      after: bothIn + gateway() + virtual.replace('istio-system/shared', 'pay/old'),
    });

    expect(outcomes('gateway -> pay/ledger:8080', states, { host: 'pay.example' }).merged).toBe('404 NR');
  });
});

describe('the states of a move (field report 6)', () => {
  it('merged is not restarted: explicit ISTIO_MUTUAL breaks callers in the mesh until all pods are new', () => {
    const states = statesFrom({ before: callerIn, after: bothIn + mutual });

    expect(outcomes(call, states)).toEqual({
      before: 'works',
      merged: '503 UF',
      rolling: '503 UF',
      restarted: 'works',
    });
  });

  it('with auto mTLS no state breaks', () => {
    expect(outcomes(call, statesFrom({ before: callerIn, after: bothIn }))).toEqual({
      before: 'works',
      merged: 'works',
      rolling: 'works',
      restarted: 'works',
    });
  });

  it('a policy by principal breaks while the caller has no new pods', () => {
    const states = statesFrom({ before: bothOut, after: bothIn + allow(web) });

    expect(outcomes(call, states)).toEqual({
      before: 'works',
      merged: 'works',
      rolling: '403 RBAC',
      restarted: 'works',
    });
  });

  it('in dry-run it does not, and enforced it lets in who has an identity', () => {
    const shadow = allow(web).replace('annotations: {}', 'annotations: {istio.io/dry-run: "true"}');
    const states = statesFrom({
      before: bothOut,
      after: bothIn + shadow,
      enforced: bothIn + allow(web),
      strict: bothIn + allow(web) + strict,
    });

    expect(outcomes(call, states)).toEqual({
      before: 'works',
      merged: 'works',
      rolling: 'works',
      restarted: 'works',
      enforced: 'works',
      strict: 'works',
    });
    expect(outcomes('outside -> pay/ledger:8080', states)).toEqual({
      before: 'works',
      merged: 'works',
      rolling: 'works',
      restarted: 'works',
      enforced: '403 RBAC',
      strict: 'reset',
    });
  });

  it('a CronJob has new pods without a restart', () => {
    const job = `---
apiVersion: batch/v1
kind: CronJob
metadata: {namespace: shop, name: night}
spec: {jobTemplate: {spec: {template: {metadata: {labels: {app: night}}, spec: {serviceAccountName: night}}}}}
`;
    const states = statesFrom({
      before: bothOut + job,
      after: bothIn + job + istio('Sidecar', 'shop/default', `{egress: [{hosts: ["./*"]}]${registryOnly}}`),
    });

    expect(outcomes('shop/night -> pay/ledger:8080', states).merged).toBe('502 BlackHole');
    expect(outcomes(call, states).merged).toBe('works');
  });
});
