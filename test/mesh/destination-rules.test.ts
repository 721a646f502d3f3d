import { expect, it } from 'vitest';
import { destinationRulesFor } from '../../src/mesh/destination-rules.ts';
import { client, inventoryOf, istio } from './manifests.ts';

// Reference 4.4, "Which DR applies"; each case by its sentence there.
// https://istio.io/latest/docs/ops/best-practices/traffic-management/#cross-namespace-configuration
const ledger = { host: 'ledger.pay.svc.cluster.local', namespace: 'pay' };
const rule = (place: string, host: string, more = '') =>
  istio('DestinationRule', place, `{host: "${host}", trafficPolicy: {tls: {mode: DISABLE}}${more}}`);

it.each<[string, string, string, readonly string[]]>([
  [
    "the client's namespace comes first",
    'shop',
    rule('shop/own', ledger.host) + rule('pay/theirs', 'ledger') + rule('istio-system/all', '*.local'),
    ['shop/own'],
  ],
  [
    "then the service's",
    'shop',
    rule('pay/theirs', 'ledger') + rule('istio-system/all', '*.local'),
    ['pay/theirs'],
  ],
  ['then the root namespace', 'shop', rule('istio-system/all', '*.local'), ['istio-system/all']],
  [
    'a wildcard of the first namespace hides an exact host of the next',
    'shop',
    rule('shop/wide', '*.pay.svc.cluster.local') + rule('pay/theirs', 'ledger'),
    ['shop/wide'],
  ],
  [
    'in one namespace the exact host beats wildcards',
    'pay',
    rule('pay/wide', '*.pay.svc.cluster.local') + rule('pay/exact', 'ledger'),
    ['pay/exact'],
  ],
  [
    'in one namespace the longest wildcard wins',
    'shop',
    rule('pay/short', '*.local') + rule('pay/long', '*.pay.svc.cluster.local'),
    ['pay/long'],
  ],
  ["a short host is one of the rule's own namespace", 'shop', rule('shop/short', 'ledger'), []],
  ['a host svc.ns is not completed, and the rule is dead', 'shop', rule('shop/dotted', 'ledger.pay'), []],
  [
    'a private rule of the service does not reach others',
    'shop',
    rule('pay/mine', 'ledger', ', exportTo: ["."]'),
    [],
  ],
  [
    'a private rule reaches its own namespace',
    'pay',
    rule('pay/mine', 'ledger', ', exportTo: ["."]'),
    ['pay/mine'],
  ],
  [
    'a rule exported to the client by name reaches it',
    'shop',
    rule('pay/theirs', 'ledger', ', exportTo: [shop]'),
    ['pay/theirs'],
  ],
  [
    'when the most specific host of the service is not exported to the client, less specific ones there are not tried',
    'shop',
    rule('pay/exact', 'ledger', ', exportTo: [other]') +
      rule('pay/wide', '*.pay.svc.cluster.local') +
      rule('istio-system/all', '*.local'),
    ['istio-system/all'],
  ],
  [
    'a gateway in the root namespace takes public rules of the root last',
    'istio-system',
    rule('istio-system/all', '*.local') + rule('pay/theirs', 'ledger'),
    ['pay/theirs'],
  ],
  [
    'a gateway in the root namespace takes private rules of the root first',
    'istio-system',
    rule('istio-system/all', '*.local', ', exportTo: ["."]') + rule('pay/theirs', 'ledger'),
    ['istio-system/all'],
  ],
  [
    'rules for one host in one namespace are merged',
    'shop',
    rule('pay/one', 'ledger') + rule('pay/two', 'ledger'),
    ['pay/one', 'pay/two'],
  ],
  [
    'those with another exportTo stay apart',
    'shop',
    rule('pay/one', 'ledger') + rule('pay/two', 'ledger', ', exportTo: [other]'),
    ['pay/one'],
  ],
])('%s', (_, namespace, manifests, expected) => {
  const found = destinationRulesFor(client(namespace), ledger, inventoryOf(manifests));

  expect(found.map((each) => `${each.namespace}/${each.name}`)).toEqual(expected);
});

it('a rule with a workloadSelector wins for its own pods, and is never seen by others', () => {
  const manifests =
    rule('shop/all', ledger.host) +
    rule('shop/web', ledger.host, ', workloadSelector: {matchLabels: {app: web}}') +
    rule('pay/pods', 'ledger', ', workloadSelector: {matchLabels: {app: web}}');
  const namesFor = (namespace: string, app: string) =>
    destinationRulesFor(client(namespace, { app }), ledger, inventoryOf(manifests)).map(({ name }) => name);

  expect(namesFor('shop', 'web')).toEqual(['web']);
  expect(namesFor('shop', 'job')).toEqual(['all']);
  expect(namesFor('other', 'web')).toEqual([]);
});
