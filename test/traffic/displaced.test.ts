import { expect, it } from 'vitest';
import { Inventory } from '../../src/mesh/inventory.ts';
import { declareSettings, defaultSettings } from '../../src/mesh/settings.ts';
import { describeCall, describeRequest } from '../../src/model/traffic.ts';
import { displacedCalls } from '../../src/traffic/displaced.ts';
import { verdictOf } from '../../src/traffic/simulate.ts';
import { statesOf } from '../../src/traffic/states.ts';
import { resourcesOf } from '../mesh/manifests.ts';
import { gateway, route, shop } from './entrances-world.ts';
import { app, callOf, namespace } from './world.ts';

// Envoy picks the most specific virtual host and does not fall back to `*`: reference 4.6, istio/istio#57404.
const cluster =
  shop +
  namespace('other') +
  app('other/front') +
  app('istio-system/gateway').replaceAll('app: gateway', 'istio: ingressgateway') +
  gateway('istio-system/shared', '"*"');
const to = (service: string) =>
  `route: [{destination: {host: ${service}.svc.cluster.local, port: {number: 8080}}}]`;
const shared = 'gateways: [istio-system/shared]';
const everything = route('other/all', `{hosts: ["*"], ${shared}, http: [{${to('front.other')}}]}`);

/** The calls of the proof, with their symptom after the change. */
function displaced(before: string, after: string): readonly string[] {
  const settings = declareSettings(defaultSettings, {
    gateways: [
      {
        gateway: 'istio-system/shared',
        podNamespace: 'istio-system',
        serviceAccount: 'istio-ingressgateway',
      },
    ],
  });
  const [old, young] = [before, after].map((text) => new Inventory(resourcesOf(cluster + text), settings));
  if (old === undefined || young === undefined) throw new Error('there are two inventories');
  const states = statesOf({ before: old, after: young });
  return displacedCalls(old, young).map((call) => {
    const [first, ...later] = states.map((state) => verdictOf(call, state));
    expect(first?.verdict).not.toBe('breaks');
    return `${describeCall(call)}${describeRequest(call)}: ${later.at(-1)?.symptom ?? later.at(-1)?.verdict ?? ''}`;
  });
}

const open = gateway('istio-system/shared', '"*"');
const twoPorts = open.replace(
  'servers: [',
  'servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}, ',
);

it.each<[string, string, string, readonly string[]]>([
  [
    'a new host with one path takes all others from *',
    everything,
    everything +
      route(
        'shop/web',
        `{hosts: [a.example], ${shared}, http: [{match: [{uri: {prefix: /status}}], ${to('web.shop')}}]}`,
      ),
    [
      'gateway (a.example) -> other/front:8080 /: 404 NR',
      'gateway (a.example) -> other/front:8080 /status: elsewhere',
    ],
  ],
  [
    'a new host that sends everything on to the same Service takes nothing',
    everything,
    everything + route('shop/web', `{hosts: [a.example], ${shared}, http: [{${to('front.other')}}]}`),
    [],
  ],
  [
    'a host that nobody served before takes nothing',
    '',
    route('shop/web', `{hosts: [a.example], ${shared}, http: [{${to('web.shop')}}]}`),
    [],
  ],
  [
    'a path loses its route',
    route(
      'shop/web',
      `{hosts: [a.example], ${shared}, http: [{match: [{uri: {prefix: /v1}}, {uri: {exact: /v2}}], ${to('web.shop')}}]}`,
    ),
    route(
      'shop/web',
      `{hosts: [a.example], ${shared}, http: [{match: [{uri: {prefix: /v1}}], ${to('web.shop')}}]}`,
    ),
    ['gateway (a.example) -> shop/web:8080 /v2: 404 NR'],
  ],
  [
    'a host falls to the wildcard when its VirtualService leaves the gateway',
    everything + route('shop/web', `{hosts: [a.example], ${shared}, http: [{${to('web.shop')}}]}`),
    everything + route('shop/web', `{hosts: [a.example], gateways: [mesh], http: [{${to('web.shop')}}]}`),
    ['gateway (a.example) -> shop/web:8080 /: elsewhere'],
  ],
  [
    'a method that another route takes',
    everything,
    everything +
      route(
        'shop/web',
        `{hosts: [a.example], ${shared}, http: [{match: [{method: {exact: GET}}], ${to('front.other')}}, {${to('web.shop')}}]}`,
      ),
    ['gateway (a.example) -> other/front:8080 POST /: elsewhere'],
  ],
  [
    'a delegate that changes',
    route('shop/web', `{hosts: [a.example], ${shared}, http: [{delegate: {name: part, namespace: shop}}]}`) +
      route('shop/part', `{http: [{${to('web.shop')}}]}`),
    route('shop/web', `{hosts: [a.example], ${shared}, http: [{delegate: {name: part, namespace: shop}}]}`) +
      route('shop/part', `{http: [{${to('front.other')}}]}`),
    ['gateway (a.example) -> shop/web:8080 /: elsewhere'],
  ],
])('%s', (_, before, after, expected) => {
  expect(displaced(before, after)).toEqual(expected);
});

it('sees a port of the gateway close, and a Gateway go', () => {
  const settings = declareSettings(defaultSettings, {});
  const pods = app('edge/pods').replaceAll('app: pods', 'istio: ingressgateway');
  const rest =
    shop +
    pods +
    route('shop/web', `{hosts: [a.example], gateways: [istio-system/shared], http: [{${to('web.shop')}}]}`);
  const read = (text: string) => new Inventory(resourcesOf(rest + text), settings);
  const symptomsOf = (after: string) => {
    const before = read(twoPorts);
    const [, state] = statesOf({ before, after: read(after) });
    if (state === undefined) throw new Error('there is a state after');
    return displacedCalls(before, state.config).map((call) => {
      const { symptom, verdict } = verdictOf(call, state);
      return `${describeCall(call)}${describeRequest(call)}: ${symptom ?? verdict}`;
    });
  };

  expect(symptomsOf(open)).toEqual([
    'gateway istio-system/shared (a.example) -> shop/web:8080 / at port 80: refused',
  ]);
  expect(symptomsOf(twoPorts)).toEqual([]);
});

it('a route of a namespace that was not read is not missing', () => {
  const settings = declareSettings(defaultSettings, {
    gateways: [
      {
        gateway: 'istio-system/shared',
        podNamespace: 'istio-system',
        serviceAccount: 'istio-ingressgateway',
      },
    ],
  });
  const after = new Inventory(resourcesOf(cluster), settings);
  const merged = statesOf({ before: new Inventory(resourcesOf(shop), settings), after }).find(
    ({ name }) => name === 'merged',
  );
  if (merged === undefined) throw new Error('there is a state after the merge');
  const through = (to: string) => verdictOf(callOf(`gateway -> ${to}`, { host: 'a.example' }), merged);

  expect(through('pay/ledger:8080').verdict).toBe('undetermined');
  expect(through('pay/ledger:8080').settle).toBe('Read the repository of pay too.');
  expect(through('other/front:8080').symptom).toBe('404 NR');
});
