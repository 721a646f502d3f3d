import { describe, expect, it } from 'vitest';
import { rules } from '../../src/lint/all-rules.ts';
import { lintFiles } from './fixture.ts';

/** What one rule finds in some documents, a line each: where in which object, and how severe. */
async function found(id: string, documents: readonly string[]): Promise<readonly string[]> {
  const problems = await lintFiles(
    { 'many.yaml': documents.join('---\n') },
    rules.filter((rule) => rule.id === id),
  );
  return problems.map(({ resource, severity, message }) => `${severity} ${resource?.name ?? message}`);
}

const many = (count: number, documentOf: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => documentOf(index));

const virtualService = (name: string, spec: string, namespace = 'shop') =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n`;

const gateway = (name: string, selector: string, credential = '') =>
  `apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ${name}, namespace: edge}\nspec:\n  selector: ${selector}\n  servers:\n    - port: {number: 443, name: https, protocol: HTTPS}\n      hosts: [shop.example.com]\n      tls: {mode: SIMPLE, credentialName: ${credential === '' ? name : credential}}\n`;

const entry = (name: string, protocol: string, exportTo: string) =>
  `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: ${name}, namespace: shop}\nspec:\n  hosts: [pay.example.com]\n  exportTo: [${exportTo}]\n  ports: [{number: 443, name: main, protocol: ${protocol}}]\n  resolution: DNS\n`;

describe('a finding among more objects than anyone compares by hand', () => {
  it('names every VirtualService that shares a host of the mesh', async () => {
    const documents = many(230, (index) =>
      virtualService(`v${String(index)}`, '{hosts: [cart], http: [{route: [{destination: {host: cart}}]}]}'),
    );

    expect(await found('mesh-host-claimed-twice', documents)).toHaveLength(230);
  });

  it('names every Gateway that shares a host, or a certificate, on the same pods', async () => {
    const documents = many(230, (index) => gateway(`g${String(index)}`, '{istio: edge}', 'shared'));

    expect(await found('gateway-conflict', documents)).toHaveLength(230);
    expect(await found('gateway-duplicate-certificate', documents)).toHaveLength(230);
  });

  it('compares ServiceEntries behind many that agree', async () => {
    const documents = [
      ...many(40, (index) => entry(`e${String(index)}`, 'TLS', 'other')),
      entry('one', 'HTTP', '.'),
      entry('two', 'TCP', '.'),
    ];

    expect(await found('service-entries-disagree-on-protocol', documents)).toEqual([
      'warning one',
      'warning two',
    ]);
  });

  it('compares a VirtualService at a gateway with those far before it', async () => {
    const route = (path: string) =>
      `{hosts: [shop.example.com], gateways: [edge/main], http: [{match: [{uri: {prefix: ${path}}}], route: [{destination: {host: ${path.slice(1)}}}]}]}`;
    const documents = [
      ...many(30, (index) => virtualService(`v${String(index)}`, route(`/path${String(index)}/`))),
      virtualService('last', route('/path0/deep')),
    ];

    expect(await found('gateway-routes-overlap', documents)).toContain('warning last');
  });
});

describe('what was not compared is said', () => {
  it('of Gateways with more selectors than are compared', async () => {
    const documents = many(202, (index) =>
      gateway(`g${String(index)}`, `{pods: p${String(index)}}`, 'shared'),
    );

    expect(await found('gateway-conflict', documents)).toEqual(['info g0']);
    expect(await found('gateway-duplicate-certificate', documents)).toEqual(['info g0']);
  });

  it('of VirtualServices at a gateway, in one namespace or in several', async () => {
    const route = (index: number) =>
      `{hosts: [shop.example.com], gateways: [edge/main], http: [{match: [{uri: {prefix: /p${String(index)}/}}], route: [{destination: {host: a}}]}]}`;
    const inOne = many(22, (index) => virtualService(`v${String(index)}`, route(index)));
    const inSeveral = many(22, (index) =>
      virtualService(`v${String(index)}`, route(index), `team-${String(index)}`),
    );

    expect(await found('gateway-routes-overlap', inOne)).toEqual(['info v21']);
    expect(await found('host-claimed-twice', inOne)).toEqual([]);
    expect(await found('gateway-routes-overlap', inSeveral)).toEqual([]);
    expect(await found('host-claimed-twice', inSeveral)).toEqual(['info v20']);
  });

  it('of the matches of one VirtualService', async () => {
    const match = (index: number) =>
      `    - {match: [{headers: {tenant: {exact: t${String(index)}}}}], route: [{destination: {host: a}}]}\n`;
    const routes = (count: number) =>
      virtualService('v', `\n  hosts: [cart]\n  http:\n${many(count, match).join('')}`);

    expect(await found('unreachable-route', [routes(65)])).toEqual([]);
    expect(await found('unreachable-route', [routes(66)])).toEqual(['info v']);
  });

  it('of namespaces whose names are alike', async () => {
    const policy =
      'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: allow, namespace: team-0000000}\nspec: {rules: [{from: [{source: {namespaces: [istio-sistem]}}]}]}\n';
    const namespaces = many(
      310,
      (index) =>
        `apiVersion: v1\nkind: Namespace\nmetadata: {name: team-${String(index).padStart(7, '0')}}\n`,
    );

    expect(await found('policy-source-namespace-missing', [...namespaces, policy])).toEqual(['info allow']);
    expect(await found('policy-source-namespace-missing', [...namespaces.slice(20), policy])).toEqual([]);
  });
});
