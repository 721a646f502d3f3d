import { expect, it } from 'vitest';
import { gatewayKey } from '../../src/k8s/gateway-name.ts';
import { covers, meansService, overlaps, serviceInAnyDomain } from '../../src/k8s/host.ts';

const cart = 'cart.shop.svc.cluster.local';

it.each([
  ['cart', true],
  ['cart.shop', true],
  ['cart.shop.svc', true],
  [cart, true],
  ['cart.pay', false],
  ['cart.pay.svc.cluster.local', false],
  ['cart.shop.svc.other.domain', false],
  ['*', false],
  ['', false],
])('%s in the namespace shop means its service cart: %s', (written, is) => {
  expect(meansService(written, cart, 'shop')).toBe(is);
});

it.each([
  ['*.example.com', 'a.example.com', true],
  ['*.example.com', 'example.com', false],
  // A star may stand for a part of a label.
  ['*-api.example.com', 'shop-api.example.com', true],
  ['*.com', '*.example.com', true],
  ['*.example.com', '*.com', false],
  ['*', '*.com', true],
])('%s holds %s: %s', (pattern, host, is) => {
  expect(covers(pattern, host)).toBe(is);
  expect(overlaps(host, pattern)).toBe(is || covers(host, pattern));
});

it.each([
  ['cart.shop.svc.cluster.local', { service: 'cart', namespace: 'shop' }],
  ['cart.shop.svc.acme.internal', { service: 'cart', namespace: 'shop' }],
  ['cart.shop.svc', { service: 'cart', namespace: 'shop' }],
  ['cart.shop', undefined],
  ['api.example.com', undefined],
  ['Cart.shop.svc', undefined],
])('%s names a service', (host, named) => {
  expect(serviceInAnyDomain(host)).toEqual(named);
});

// https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService-gateways
it.each([
  ['public', 'shop/public'],
  ['./public', 'shop/public'],
  ['istio-system/shared', 'istio-system/shared'],
  ['shared.istio-system', 'istio-system/shared'],
  ['shared.istio-system.svc.cluster.local', 'istio-system/shared'],
  ['mesh', 'mesh'],
])('the gateway %s of a VirtualService in shop is %s', (written, key) => {
  expect(gatewayKey(written, 'shop')).toBe(key);
});
