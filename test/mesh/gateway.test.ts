import { describe, expect, it } from 'vitest';
import { gatewayRoutesFor, gatewaysBeside, serversTaking } from '../../src/mesh/gateway.ts';
import { serversOf } from '../../src/mesh/gateway-servers.ts';
import { inventoryOf, istio } from './manifests.ts';

// Reference 4.7 and 4.6 (gateway). https://istio.io/latest/docs/reference/config/networking/gateway/
const https = (hosts: string, number = 443) =>
  `{port: {number: ${String(number)}, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}, hosts: ${hosts}}`;
const http = (hosts: string) => `{port: {number: 80, name: http, protocol: HTTP}, hosts: ${hosts}}`;
const gateway = (place: string, servers: string) =>
  istio('Gateway', place, `{selector: {istio: ingressgateway}, servers: [${servers}]}`);
const virtual = (place: string, hosts: string, gateways: string, more = '') =>
  istio('VirtualService', place, `{hosts: ${hosts}, gateways: ${gateways}, http: []${more}}`);

const serversIn = (manifests: string, port: number, sni: string | undefined) => {
  const inventory = inventoryOf(manifests);
  const [first] = inventory.of('Gateway');
  if (first === undefined) throw new Error('the Gateway is missing');
  const servers = gatewaysBeside(first, inventory).flatMap(serversOf);
  return { inventory, servers: serversTaking(servers, port, sni) };
};

describe('which server takes a connection', () => {
  const shared = gateway('istio-system/shared', https('["*"]'));
  const strict = gateway('istio-system/shop', https('[shop.example]'));

  it.each<[string, string, number, string | undefined, readonly string[]]>([
    ['hosts * take a client without SNI', shared, 443, undefined, ['shared']],
    [
      'ns/* does too: only the part behind the slash is SNI',
      gateway('istio-system/ns', https('["shop/*", "pay/*"]')),
      443,
      undefined,
      ['ns'],
    ],
    [
      'specific hosts close the connection of a client without SNI (field report 3)',
      strict,
      443,
      undefined,
      [],
    ],
    ['with SNI they take it', strict, 443, 'shop.example', ['shop']],
    ['beside each other: without SNI the one with *', shared + strict, 443, undefined, ['shared']],
    ['beside each other: with SNI the specific one', shared + strict, 443, 'shop.example', ['shop']],
    [
      'beside each other: with the SNI of nobody the one with *',
      shared + strict,
      443,
      'other.example',
      ['shared'],
    ],
    ['another port', shared, 8443, undefined, []],
    [
      'two with *: the later one is rejected, and which that is depends on their age',
      shared + gateway('istio-system/second', https('["*"]')),
      443,
      undefined,
      ['shared', 'second'],
    ],
    [
      'plain HTTP has no SNI, and all servers of the port share their routes',
      gateway('istio-system/a', http('[a.example]')) + gateway('istio-system/b', http('[b.example]')),
      80,
      undefined,
      ['a', 'b'],
    ],
    [
      'a Gateway for other pods is not asked',
      strict + istio('Gateway', 'x/y', `{selector: {istio: egress}, servers: [${https('["*"]')}]}`),
      443,
      undefined,
      [],
    ],
  ])('%s', (_, manifests, port, sni, expected) => {
    expect(serversIn(manifests, port, sni).servers.map((each) => each.gateway.name)).toEqual(expected);
  });
});

describe('which VirtualServices a host meets', () => {
  const shared = (hosts = '["*"]') => gateway('istio-system/shared', https(hosts));
  const bound = '[istio-system/shared]';

  it.each<[string, string, readonly string[]]>([
    ['one of that host', shared() + virtual('shop/web', '[shop.example]', bound), ['web']],
    ['hosts are compared without case', shared() + virtual('shop/web', '[Shop.Example]', bound), ['web']],
    ['none: 404', shared() + virtual('shop/web', '[other.example]', bound), []],
    [
      'one that is not bound to it: 404',
      shared() + virtual('shop/web', '[shop.example]', '[istio-system/other]'),
      [],
    ],
    [
      'a name without namespace is of its own namespace',
      shared() + virtual('shop/web', '[shop.example]', '[shared]'),
      [],
    ],
    [
      'a VirtualService that is not exported is hidden from the gateway',
      shared() + virtual('shop/web', '[shop.example]', bound, ', exportTo: ["."]'),
      [],
    ],
    [
      'hosts ns/* let that namespace in',
      shared('["shop/*"]') + virtual('shop/web', '[shop.example]', bound),
      ['web'],
    ],
    ['hosts ns/* keep others out', shared('["shop/*"]') + virtual('pay/web', '[shop.example]', bound), []],
    [
      './* is the namespace of the Gateway',
      shared('["./*"]') + virtual('shop/web', '[shop.example]', bound),
      [],
    ],
    [
      'the exact host beats the wildcard',
      shared() + virtual('shop/wide', '["*.example"]', bound) + virtual('shop/web', '[shop.example]', bound),
      ['web'],
    ],
    [
      'a wildcard narrowed by the server is as good as exact',
      gateway('istio-system/shared', http('[shop.example]').replace('80', '443')) +
        virtual('shop/wide', '["*.example"]', bound) +
        virtual('shop/web', '[shop.example]', bound),
      ['web', 'wide'],
    ],
    [
      'equal hosts are merged',
      shared() + virtual('shop/one', '[shop.example]', bound) + virtual('pay/two', '[shop.example]', bound),
      ['one', 'two'],
    ],
    [
      'one still bound to an old Gateway with specific hosts is not found by a client without SNI',
      shared() +
        gateway('shop/old', https('[shop.example]')) +
        virtual('shop/web', '[shop.example]', '[shop/old]'),
      [],
    ],
  ])('%s', (_, manifests, expected) => {
    const { inventory, servers } = serversIn(manifests, 443, undefined);

    const found = gatewayRoutesFor('shop.example', servers, 'istio-system', inventory);

    expect(found.map(({ name }) => name)).toEqual(expected);
  });
});
