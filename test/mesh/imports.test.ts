import { describe, expect, it } from 'vitest';
import { isImported, outboundOf } from '../../src/mesh/imports.ts';
import { client, inventoryOf, istio } from './manifests.ts';

// Reference 4.5. https://istio.io/latest/docs/reference/config/networking/sidecar/
const ledger = { host: 'ledger.pay.svc.cluster.local', namespace: 'pay', exportTo: [] as readonly string[] };
const cart = { host: 'cart.shop.svc.cluster.local', namespace: 'shop', exportTo: [] as readonly string[] };
const sidecar = (hosts: string, place = 'shop/default', more = '') =>
  istio('Sidecar', place, `{egress: [{hosts: ${hosts}}]${more}}`);

describe('what a Sidecar takes in', () => {
  const isKnown = (manifests: string, destination = ledger, port = 8080) => {
    const inventory = inventoryOf(manifests);
    const shop = client('shop', { app: 'web' });
    return isImported(destination, port, shop, outboundOf(shop, inventory), inventory);
  };

  it.each<[string, string, typeof ledger, boolean]>([
    ['no Sidecar: everything', '', ledger, true],
    ['no egress: everything', istio('Sidecar', 'shop/default', '{}'), ledger, true],
    ['./* does not take other namespaces in', sidecar('["./*"]'), ledger, false],
    ['./* takes its own namespace in', sidecar('["./*"]'), cart, true],
    ['ns/* takes a namespace in', sidecar('["./*", "pay/*"]'), ledger, true],
    ['*/* takes all in', sidecar('["*/*"]'), ledger, true],
    ['the full name', sidecar('["pay/ledger.pay.svc.cluster.local"]'), ledger, true],
    ['a short name matches nothing', sidecar('["pay/ledger"]'), ledger, false],
    ['*.suffix', sidecar('["*/*.pay.svc.cluster.local"]'), ledger, true],
    ['~/* takes nothing in', sidecar('["~/*"]'), cart, false],
    ['~ns/dns takes away (Istio 1.31)', sidecar('["*/*", "~pay/*"]'), ledger, false],
    [
      'a Sidecar of the root namespace counts where there is none',
      sidecar('["./*"]', 'istio-system/default'),
      ledger,
      false,
    ],
    [
      'a Sidecar for the pod goes over the one for all, and does not add to it',
      sidecar('["pay/*"]') + sidecar('["./*"]', 'shop/web', ', workloadSelector: {labels: {app: web}}'),
      ledger,
      false,
    ],
    [
      'a Sidecar for other pods does nothing',
      sidecar('["./*"]', 'shop/job', ', workloadSelector: {labels: {app: job}}'),
      ledger,
      true,
    ],
    [
      'a service that is not exported is never known',
      sidecar('["*/*"]'),
      { ...ledger, exportTo: ['.'] },
      false,
    ],
    ['a service exported by name is', sidecar('["*/*"]'), { ...ledger, exportTo: ['shop'] }, true],
    [
      'the destination of a VirtualService that is taken in is there for its routes only',
      sidecar('["./*"]') +
        istio(
          'VirtualService',
          'shop/ledger',
          '{hosts: [ledger.example], http: [{route: [{destination: {host: ledger.pay.svc.cluster.local}}]}]}',
        ),
      ledger,
      false,
    ],
    [
      'that of a VirtualService of a gateway is not there at all',
      sidecar('["./*"]') +
        istio(
          'VirtualService',
          'shop/ledger',
          '{hosts: [a.example], gateways: [istio-system/shared], http: [{route: [{destination: {host: ledger.pay.svc.cluster.local}}]}]}',
        ),
      ledger,
      false,
    ],
  ])('%s', (_, manifests, destination, expected) => {
    expect(isKnown(manifests, destination)).toBe(expected);
  });

  it('a listener with a port takes that port in only', () => {
    const manifests = istio(
      'Sidecar',
      'shop/default',
      '{egress: [{port: {number: 8080}, hosts: ["pay/*"]}]}',
    );

    expect(isKnown(manifests, ledger, 8080)).toBe(true);
    expect(isKnown(manifests, ledger, 9090)).toBe(false);
  });

  it('no Sidecar is for a gateway', () => {
    const inventory = inventoryOf(sidecar('["./*"]'));
    const gateway = { ...client('shop'), isGateway: true };

    expect(isImported(ledger, 8080, gateway, outboundOf(gateway, inventory), inventory)).toBe(true);
  });
});

describe('what becomes of unknown names', () => {
  it.each<[string, string, object, string]>([
    ['nothing said: ALLOW_ANY', '', {}, 'ALLOW_ANY'],
    ['meshConfig says', '', { outboundTrafficPolicy: 'REGISTRY_ONLY' }, 'REGISTRY_ONLY'],
    [
      'a Sidecar with egress only keeps that',
      sidecar('["./*"]'),
      { outboundTrafficPolicy: 'REGISTRY_ONLY' },
      'REGISTRY_ONLY',
    ],
    [
      'a Sidecar goes over meshConfig',
      sidecar('["./*"]', 'shop/default', ', outboundTrafficPolicy: {mode: ALLOW_ANY}'),
      { outboundTrafficPolicy: 'REGISTRY_ONLY' },
      'ALLOW_ANY',
    ],
    [
      'an empty outboundTrafficPolicy is REGISTRY_ONLY',
      sidecar('["./*"]', 'shop/default', ', outboundTrafficPolicy: {}'),
      {},
      'REGISTRY_ONLY',
    ],
  ])('%s', (_, manifests, settings, expected) => {
    expect(outboundOf(client('shop'), inventoryOf(manifests, settings)).mode).toBe(expected);
  });
});
