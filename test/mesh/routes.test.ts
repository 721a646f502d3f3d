import { describe, expect, it } from 'vitest';
import { outboundOf } from '../../src/mesh/imports.ts';
import type { RouteRequest } from '../../src/mesh/route-match.ts';
import { meshRoutesFor, mergedRoutesTaking, routesTaking } from '../../src/mesh/routes.ts';
import { destinationsOf } from '../../src/mesh/virtual-service.ts';
import { client, inventoryOf, istio } from './manifests.ts';

// Reference 4.6. https://istio.io/latest/docs/reference/config/networking/virtual-service/
const cart = 'cart.shop.svc.cluster.local';
const route = (host: string, more = '') => `{${more}route: [{destination: {host: ${host}}}]}`;
const virtual = (place: string, hosts: string, http: string, more = '') =>
  istio('VirtualService', place, `{hosts: ${hosts}, http: [${http}]${more}}`);

describe('which VirtualService routes a host in the mesh', () => {
  it.each<[string, string, readonly string[]]>([
    ['none', '', []],
    ['one without gateways is for the mesh', virtual('shop/cart', '[cart]', route('cart')), ['cart']],
    [
      'one that lists a gateway without mesh is not: moving it to the shared gateway removes it from the mesh',
      virtual('shop/cart', '[cart]', route('cart'), ', gateways: [istio-system/shared]'),
      [],
    ],
    [
      'one that lists both is',
      virtual('shop/cart', '[cart]', route('cart'), ', gateways: [istio-system/shared, mesh]'),
      ['cart'],
    ],
    ['a short host is of its own namespace', virtual('pay/cart', '[cart]', route('cart')), []],
    ['svc.ns names nothing', virtual('pay/cart', '[cart.shop]', route('cart')), []],
    [
      'the exact host beats a wildcard, the longest wildcard the others',
      virtual('shop/wide', '["*.local"]', route('cart')) +
        virtual('shop/long', '["*.shop.svc.cluster.local"]', route('cart')),
      ['long'],
    ],
    [
      'two for one host: the older one, which Git does not know',
      virtual('shop/one', '[cart]', route('cart')) + virtual('shop/two', '[cart]', route('cart')),
      ['one', 'two'],
    ],
    [
      'one that is not exported is not seen',
      virtual('pay/cart', `[${cart}]`, route('x'), ', exportTo: ["."]'),
      [],
    ],
    [
      'one that the Sidecar does not take in is not seen',
      virtual('pay/cart', `[${cart}]`, route('x')) +
        istio('Sidecar', 'shop/default', '{egress: [{hosts: ["./*"]}]}'),
      [],
    ],
  ])('%s', (_, manifests, expected) => {
    const inventory = inventoryOf(manifests);
    const shop = client('shop');

    const found = meshRoutesFor(cart, shop, outboundOf(shop, inventory), inventory);

    expect(found.map(({ name }) => name)).toEqual(expected);
  });
});

describe('which route takes a request', () => {
  const request: RouteRequest = { host: cart, port: 7070, path: '/items/1', method: 'GET' };
  const taking = (http: string, asked: Partial<RouteRequest> = {}, others = '') => {
    const inventory = inventoryOf(virtual('shop/cart', '[cart]', http) + others);
    const [service] = inventory.of('VirtualService');
    if (service === undefined) throw new Error('the VirtualService is missing');
    const at = { gateway: 'mesh', client: client('shop', { app: 'web' }) };
    return routesTaking(service, 'http', { ...request, ...asked }, at, inventory).map(
      ({ value, path, resource, takes }) =>
        destinationsOf(value, path, resource.namespace, 'cluster.local')
          .map(({ host }) => host.split('.')[0] ?? '')
          .join('+') + (takes === true ? '' : '?'),
    );
  };

  it.each<[string, string, Partial<RouteRequest>, readonly string[]]>([
    ['the first that matches', `${route('a')}, ${route('b')}`, {}, ['a']],
    [
      'a prefix',
      `${route('a', 'match: [{uri: {prefix: /other}}], ')}, ${route('b', 'match: [{uri: {prefix: /items}}], ')}`,
      {},
      ['b'],
    ],
    ['none: the answer is 404', route('a', 'match: [{uri: {prefix: /other}}], '), {}, []],
    ['an exact path', route('a', 'match: [{uri: {exact: /items}}], '), {}, []],
    ['ignoreUriCase', route('a', 'match: [{uri: {prefix: /ITEMS}, ignoreUriCase: true}], '), {}, ['a']],
    [
      'fields of one match must all hold',
      route('a', 'match: [{uri: {prefix: /items}, method: {exact: POST}}], '),
      {},
      [],
    ],
    [
      'several matches are alternatives',
      route('a', 'match: [{method: {exact: POST}}, {uri: {prefix: /items}}], '),
      {},
      ['a'],
    ],
    [
      'a path that is not known leaves the choice open, up to the route that takes everything',
      `${route('a', 'match: [{uri: {prefix: /x}}], ')}, ${route('b')}, ${route('c')}`,
      { path: undefined },
      ['a?', 'b'],
    ],
    ['prefix / takes any path', route('a', 'match: [{uri: {prefix: /}}], '), { path: undefined }, ['a']],
    [
      'headers are not known',
      `${route('a', 'match: [{headers: {x: {exact: y}}}], ')}, ${route('b')}`,
      {},
      ['a?', 'b'],
    ],
    ["a person's pattern is not run", route('a', 'match: [{uri: {regex: "(a+)+$"}}], '), {}, ['a?']],
    ['another port', route('a', 'match: [{port: 80}], '), {}, []],
    ['labels of the caller', route('a', 'match: [{sourceLabels: {app: job}}], '), {}, []],
    ['the namespace of the caller', route('a', 'match: [{sourceNamespace: shop}], '), {}, ['a']],
    ['a match for a gateway only', route('a', 'match: [{gateways: [istio-system/shared]}], '), {}, []],
    [
      'weight 0 gets nothing',
      '{route: [{destination: {host: a}, weight: 100}, {destination: {host: b}, weight: 0}]}',
      {},
      ['a'],
    ],
    [
      'shares all count',
      '{route: [{destination: {host: a}, weight: 90}, {destination: {host: b}, weight: 10}]}',
      {},
      ['a+b'],
    ],
  ])('%s', (_, http, asked, expected) => {
    expect(taking(http, asked)).toEqual(expected);
  });

  describe('a delegate', () => {
    const root = `{match: [{uri: {prefix: /items}}], delegate: {name: items, namespace: pay}}, ${route('b')}`;
    const delegate = (more = '') => istio('VirtualService', 'pay/items', `{http: [${route('d')}]${more}}`);

    it('stands in the place of its route', () => {
      expect(taking(root, {}, delegate())).toEqual(['d']);
    });

    it('that is missing takes only that route with it', () => {
      expect(taking(root)).toEqual(['b']);
    });

    it('that is not exported to the root counts as missing', () => {
      expect(taking(root, {}, delegate(', exportTo: ["."]'))).toEqual(['b']);
    });

    it('with hosts is no delegate', () => {
      expect(taking(root, {}, delegate(', hosts: [x.example]'))).toEqual(['b']);
    });
  });

  it('several files of one host at a gateway: the specific route goes before the catch-all, whatever their age', () => {
    const inventory = inventoryOf(
      virtual('shop/all', '[a.example]', route('all'), ', gateways: [istio-system/shared]') +
        virtual(
          'shop/items',
          '[a.example]',
          route('items', 'match: [{uri: {prefix: /items}}], '),
          ', gateways: [istio-system/shared]',
        ),
    );
    const at = { gateway: 'istio-system/shared', client: client('istio-system') };

    const found = mergedRoutesTaking(inventory.of('VirtualService'), request, at, inventory);

    expect(found.map(({ resource }) => resource.name)).toEqual(['items']);
  });

  it.each([
    ['a port is no condition that keeps it there', '{port: 7070, uri: {prefix: /}}', ['items']],
    ['an expression that takes everything stays in its place', '{uri: {regex: /.*}}', ['all', 'items']],
  ])('what a gateway moves to the end: %s', (_, match, names) => {
    const inventory = inventoryOf(
      virtual(
        'shop/all',
        '[a.example]',
        route('all', `match: [${match}], `),
        ', gateways: [istio-system/shared]',
      ) +
        virtual(
          'shop/items',
          '[a.example]',
          route('items', 'match: [{uri: {prefix: /items}}], '),
          ', gateways: [istio-system/shared]',
        ),
    );
    const at = { gateway: 'istio-system/shared', client: client('istio-system') };

    const found = mergedRoutesTaking(
      inventory.of('VirtualService'),
      { ...request, path: '/items' },
      at,
      inventory,
    );

    expect(found.map(({ resource }) => resource.name)).toEqual(names);
  });

  it.each(['./shared', 'shared', 'shared.shop.svc.cluster.local'])(
    'a match for the gateway %s of its own namespace',
    (written) => {
      const inventory = inventoryOf(
        virtual('shop/items', '[a.example]', route('items', `match: [{gateways: [${written}]}], `)),
      );
      const [service] = inventory.of('VirtualService');
      if (service === undefined) throw new Error('it is there');
      const at = { gateway: 'shop/shared', client: client('istio-system') };

      expect(routesTaking(service, 'http', request, at, inventory)).toHaveLength(1);
    },
  );
});
