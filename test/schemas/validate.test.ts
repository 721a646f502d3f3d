import { describe, expect, it } from 'vitest';
import { istioMinors, unsupportedRules, validateResource } from './validate.ts';

const policy = (spec: object) => ({ apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy', metadata: { name: 'p' }, spec });
const entry = (spec: object) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'ServiceEntry',
  metadata: { name: 'e' },
  spec: { hosts: ['a.example.com'], ports: [{ number: 443, name: 'tls', protocol: 'TLS' }], ...spec },
});

describe.each(istioMinors)('the CRDs of Istio %s', (minor) => {
  it.each([
    ['a deny-all policy', policy({})],
    ['an allow policy', policy({ action: 'ALLOW', rules: [{ from: [{ source: { principals: ['a/ns/b/sa/c'] } }] }] })],
    ['an external host by DNS', entry({ resolution: 'DNS' })],
  ])('accept %s', (_, resource) => {
    expect(validateResource(resource, minor)).toEqual([]);
  });

  it.each([
    ['an unknown field', policy({ actions: 'ALLOW' })],
    ['an unknown action', policy({ action: 'PERMIT' })],
    ['a wrong type', policy({ rules: 'all' })],
    ['a selector with a wildcard (CEL)', policy({ selector: { matchLabels: { app: '*' } } })],
    ['a network with DNS (CEL)', entry({ resolution: 'DNS', addresses: ['10.0.0.0/8'] })],
    ['a port twice (CEL)', entry({ ports: [{ number: 1, name: 'a' }, { number: 1, name: 'b' }] })],
    ['a port out of range (CEL)', entry({ ports: [{ number: 70000, name: 'a' }] })],
    ['a kind it does not have', { apiVersion: 'networking.istio.io/v1', kind: 'Gatewai' }],
  ])('refuse %s', (_, resource) => {
    expect(validateResource(resource, minor)).not.toEqual([]);
  });
});

it('evaluates every rule it met', () => {
  expect([...unsupportedRules]).toEqual([]);
});
