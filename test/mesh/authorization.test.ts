import { describe, expect, it } from 'vitest';
import type { PolicyRequest } from '../../src/mesh/authorization-rule.ts';
import { authorize } from '../../src/mesh/authorization.ts';
import { inventoryOf, istio } from './manifests.ts';

// Reference 4.2. https://istio.io/latest/docs/reference/config/security/authorization-policy/
const web = { namespace: 'shop', serviceAccount: 'web' };
const request: PolicyRequest = { identity: web, port: 8080, isHttp: true, path: '/items', method: 'GET' };
const pods = { namespace: 'pay', labels: { app: 'ledger' } };
const policy = (spec: string, place = 'pay/p', annotations = '{}') =>
  istio('AuthorizationPolicy', place, spec, annotations);
const allow = (rule: string) => policy(`{rules: [${rule}]}`);
const deny = (rule: string) => policy(`{action: DENY, rules: [${rule}]}`, 'pay/deny');
const answer = (manifests: string, asked: Partial<PolicyRequest> = {}, settings = {}) =>
  authorize(pods, { ...request, ...asked }, inventoryOf(manifests, settings)).isAllowed;

type Case = [string, string, Partial<PolicyRequest>, boolean | undefined];

describe('policies together', () => {
  it.each<Case>([
    ['no policy: allowed', '', {}, true],
    ['an empty spec allows nothing', policy('{}'), {}, false],
    ['another ALLOW opens a hole in it', policy('{}') + policy('{rules: [{}]}', 'pay/all'), {}, true],
    ['ALLOW with an empty rule allows all', allow('{}'), {}, true],
    ['DENY with an empty rule denies all', deny('{}'), {}, false],
    ['DENY goes before ALLOW', allow('{}') + deny('{to: [{operation: {methods: [GET]}}]}'), {}, false],
    [
      'only DENY policies: what none denies is allowed',
      deny('{to: [{operation: {methods: [PUT]}}]}'),
      {},
      true,
    ],
    ['AUDIT changes nothing', policy('{action: AUDIT, rules: [{}]}'), {}, true],
    ['a policy of the root namespace counts everywhere', policy('{}', 'istio-system/p'), {}, false],
    ['a policy of another namespace does not', policy('{}', 'shop/p'), {}, true],
    ['a selector that fits', policy('{selector: {matchLabels: {app: ledger}}}'), {}, false],
    ['a selector that does not', policy('{selector: {matchLabels: {app: web}}}'), {}, true],
    [
      'targetRefs are not for sidecars',
      policy('{targetRefs: [{kind: Service, group: "", name: ledger}]}'),
      {},
      true,
    ],
    ['dry-run denies nothing', policy('{}', 'pay/p', '{istio.io/dry-run: "true"}'), {}, true],
    [
      'dry-run allows nothing either',
      policy('{}') + policy('{rules: [{}]}', 'pay/all', '{istio.io/dry-run: "true"}'),
      {},
      false,
    ],
    [
      'CUSTOM is for its provider to say',
      policy('{action: CUSTOM, provider: {name: x}, rules: [{}]}'),
      {},
      undefined,
    ],
    [
      'CUSTOM that does not match is passed',
      policy('{action: CUSTOM, provider: {name: x}, rules: [{to: [{operation: {methods: [PUT]}}]}]}'),
      {},
      true,
    ],
  ])('%s', (_, manifests, asked, expected) => {
    expect(answer(manifests, asked)).toBe(expected);
  });

  it('CUSTOM with a provider that the mesh does not have denies', () => {
    const manifests = policy('{action: CUSTOM, provider: {name: x}, rules: [{}]}');

    expect(answer(manifests, {}, { providers: ['y'] })).toBe(false);
  });
});

describe('rules', () => {
  it.each<Case>([
    [
      'from, to and when must all hold',
      allow('{from: [{source: {namespaces: [shop]}}], to: [{operation: {methods: [PUT]}}]}'),
      {},
      false,
    ],
    [
      'items of from are alternatives',
      allow('{from: [{source: {namespaces: [x]}}, {source: {namespaces: [shop]}}]}'),
      {},
      true,
    ],
    [
      'fields of one source must all hold',
      allow('{from: [{source: {namespaces: [shop], principals: [x]}}]}'),
      {},
      false,
    ],
    ['a star anywhere in a namespace', allow('{from: [{source: {namespaces: ["s*p"]}}]}'), {}, true],
    ['and only where it fits', allow('{from: [{source: {namespaces: ["p*p"]}}]}'), {}, false],
    ['values of a field are alternatives', allow('{from: [{source: {namespaces: [x, shop]}}]}'), {}, true],
    [
      'two rules are alternatives: the dash that opens everything (istio/istio#24665)',
      allow('{from: [{source: {namespaces: [x]}}]}, {to: [{operation: {methods: [GET]}}]}'),
      {},
      true,
    ],
    ['a principal', allow('{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}'), {}, true],
    ['a principal by suffix', allow('{from: [{source: {principals: ["*/sa/web"]}}]}'), {}, true],
    ['principal * is anyone with an identity', allow('{from: [{source: {principals: ["*"]}}]}'), {}, true],
    [
      'principal * is not plain text',
      allow('{from: [{source: {principals: ["*"]}}]}'),
      { identity: undefined },
      false,
    ],
    [
      'a namespace needs an identity',
      allow('{from: [{source: {namespaces: [shop]}}]}'),
      { identity: undefined },
      false,
    ],
    [
      'a service account of another namespace',
      allow('{from: [{source: {serviceAccounts: [shop/web]}}]}'),
      {},
      true,
    ],
    [
      "a service account without namespace is of the policy's",
      allow('{from: [{source: {serviceAccounts: [web]}}]}'),
      {},
      false,
    ],
    [
      'notNamespaces in ALLOW lets plain text in',
      allow('{from: [{source: {notNamespaces: [shop]}}]}'),
      { identity: undefined },
      true,
    ],
    [
      'notPrincipals in DENY catches plain text',
      deny('{from: [{source: {notPrincipals: ["*"]}}]}'),
      { identity: undefined },
      false,
    ],
    [
      'notPrincipals in DENY lets identities be',
      deny('{from: [{source: {notPrincipals: ["*"]}}]}'),
      {},
      true,
    ],
    ['ports are those of the container', allow('{to: [{operation: {ports: ["8080"]}}]}'), {}, true],
    [
      'a port that is not known',
      allow('{to: [{operation: {ports: ["8080"]}}]}'),
      { port: undefined },
      undefined,
    ],
    ['a path by prefix', allow('{to: [{operation: {paths: ["/it*"]}}]}'), {}, true],
    ['a path by suffix', allow('{to: [{operation: {paths: ["*ems"]}}]}'), {}, true],
    ['another path', allow('{to: [{operation: {paths: [/healthz]}}]}'), {}, false],
    ['a template is not evaluated', allow('{to: [{operation: {paths: ["/{*}"]}}]}'), {}, undefined],
    [
      'some paths do not let a caller of all paths in',
      allow('{to: [{operation: {paths: [/healthz]}}]}'),
      { path: undefined },
      false,
    ],
    [
      'whether some denied paths are called is not known',
      deny('{to: [{operation: {paths: [/admin]}}]}'),
      { path: undefined },
      undefined,
    ],
    ['addresses of pods are not known', allow('{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}'), {}, undefined],
    ['a condition on the identity', allow('{when: [{key: source.namespace, values: [shop]}]}'), {}, true],
    ['a condition on the port', allow('{when: [{key: destination.port, values: ["9"]}]}'), {}, false],
    [
      'a condition on a header is not known',
      allow('{when: [{key: "request.headers[x]", values: [y]}]}'),
      {},
      undefined,
    ],
    [
      'requests with a token are not known',
      allow('{from: [{source: {requestPrincipals: ["*"]}}]}'),
      {},
      undefined,
    ],
  ])('%s', (_, manifests, asked, expected) => {
    expect(answer(manifests, asked)).toBe(expected);
  });

  it('cluster.local, and each alias, stands for the trust domain of the mesh', () => {
    const settings = { trustDomain: 'acme', trustDomainAliases: ['old'] };
    const principal = (domain: string) =>
      allow(`{from: [{source: {principals: [${domain}/ns/shop/sa/web]}}]}`);

    expect(answer(principal('cluster.local'), {}, settings)).toBe(true);
    expect(answer(principal('old'), {}, settings)).toBe(true);
    expect(answer(principal('acme'), {}, settings)).toBe(true);
    expect(answer(principal('other'), {}, settings)).toBe(false);
  });
});

describe('on TCP', () => {
  it.each<Case>([
    ['ALLOW with an HTTP field is void', allow('{to: [{operation: {paths: ["*"]}}]}'), {}, false],
    ['ALLOW without one holds', allow('{from: [{source: {namespaces: [shop]}}]}'), {}, true],
    [
      'ALLOW with an HTTP condition is void',
      allow('{when: [{key: "request.headers[x]", values: [y]}]}'),
      {},
      false,
    ],
    [
      'DENY drops its HTTP fields, and may deny everything',
      deny('{to: [{operation: {paths: [/admin]}}]}'),
      {},
      false,
    ],
    [
      'DENY keeps the others',
      deny('{from: [{source: {namespaces: [x]}}], to: [{operation: {methods: [GET]}}]}'),
      {},
      true,
    ],
  ])('%s', (_, manifests, asked, expected) => {
    expect(answer(manifests, { ...asked, isHttp: false })).toBe(expected);
  });
});

describe("the field report's three policies", () => {
  const trio =
    policy('{}', 'pay/deny-all') +
    policy(
      '{rules: [{from: [{source: {principals: [cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account]}}]}]}',
      'pay/allow-ingress-gateway',
    ) +
    policy('{rules: [{to: [{operation: {paths: [/healthz, /readyz]}}]}]}', 'pay/allow-health-checks');
  const gateway = { namespace: 'istio-system', serviceAccount: 'istio-ingressgateway-service-account' };

  it.each<[string, Partial<PolicyRequest>, boolean]>([
    ['let the gateway in', { identity: gateway }, true],
    ['refuse a caller of another namespace', {}, false],
    [
      'refuse a caller of the same namespace',
      { identity: { namespace: 'pay', serviceAccount: 'api' } },
      false,
    ],
    ['refuse a caller without sidecar', { identity: undefined, path: undefined }, false],
    ['let anyone call the health paths', { identity: undefined, path: '/healthz' }, true],
    [
      'refuse a gateway of the other chart',
      { identity: { ...gateway, serviceAccount: 'istio-ingressgateway' } },
      false,
    ],
  ])('%s', (_, asked, expected) => {
    expect(answer(trio, asked)).toBe(expected);
  });
});
