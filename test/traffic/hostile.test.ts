import { expect, it } from 'vitest';
import { Inventory } from '../../src/mesh/inventory.ts';
import { defaultSettings, declareSettings } from '../../src/mesh/settings.ts';
import { isList, isObject, type JsonValue } from '../../src/model/json.ts';
import { verdictOf } from '../../src/traffic/simulate.ts';
import { statesOf } from '../../src/traffic/states.ts';
import { istio, resourcesOf } from '../mesh/manifests.ts';
import { Random } from './random.ts';
import { app, callOf, meshed, namespace } from './world.ts';
import { firstOf, runs } from '../sampling.ts';

const manifests = [
  namespace('shop', meshed),
  namespace('pay', meshed),
  app('shop/web'),
  app('pay/ledger'),
  istio(
    'Sidecar',
    'shop/default',
    '{workloadSelector: {labels: {app: web}}, egress: [{port: {number: 8080}, hosts: ["./*", "pay/*"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}',
  ),
  istio(
    'DestinationRule',
    'pay/ledger',
    '{host: ledger, exportTo: ["*"], trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, portLevelSettings: [{port: {number: 8080}, tls: {mode: ISTIO_MUTUAL}}]}, subsets: [{name: v1, labels: {app: ledger}, trafficPolicy: {tls: {mode: DISABLE}}}]}',
  ),
  istio(
    'PeerAuthentication',
    'pay/ledger',
    '{selector: {matchLabels: {app: ledger}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: PERMISSIVE}}}',
  ),
  istio(
    'AuthorizationPolicy',
    'pay/allow',
    '{action: ALLOW, selector: {matchLabels: {app: ledger}}, rules: [{from: [{source: {principals: ["*"], notNamespaces: [x]}}], to: [{operation: {paths: ["/a*"], ports: ["8080"]}}], when: [{key: source.namespace, values: [shop]}]}]}',
  ),
  istio(
    'Gateway',
    'istio-system/shared',
    '{selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE}, hosts: ["*"]}]}',
  ),
  istio(
    'VirtualService',
    'pay/ledger',
    '{hosts: [ledger, pay.example], gateways: [mesh, istio-system/shared], http: [{match: [{uri: {prefix: /a}, sourceLabels: {app: web}}], route: [{destination: {host: ledger, subset: v1, port: {number: 8080}}, weight: 1}]}, {delegate: {name: d, namespace: pay}}]}',
  ),
  istio(
    'ServiceEntry',
    'shop/api',
    '{hosts: [api.example.com], exportTo: ["."], ports: [{number: 443, name: tls, protocol: TLS}]}',
  ),
].join('');

const junk: readonly JsonValue[] = [
  null,
  0,
  -1,
  1e308,
  true,
  '',
  '*',
  '*/',
  '~',
  '.',
  '${x}',
  '__proto__',
  'a'.repeat(2000),
  [],
  [null],
  [[]],
  {},
  { '': null },
  [{ hosts: 1 }],
];

/** The value with one part replaced, taken out or doubled. */
function spoiled(value: JsonValue, random: Random, depth = 0): JsonValue {
  if (depth > 1 && random.below(4) === 0) return random.pick(junk);
  if (isList(value)) {
    if (value.length === 0) return random.pick(junk);
    const at = random.below(value.length);
    const changed = value.map((each, index) => (index === at ? spoiled(each, random, depth + 1) : each));
    return random.below(8) === 0 ? [...changed, ...changed] : changed;
  }
  if (!isObject(value)) return random.pick(junk);
  const keys = Object.keys(value);
  if (keys.length === 0) return random.pick(junk);
  const chosen = random.pick(keys);
  return Object.fromEntries(
    keys.map((key) => [
      key,
      key === chosen ? spoiled(value[key] ?? null, random, depth + 1) : (value[key] ?? null),
    ]),
  );
}

it('manifests of any shape give verdicts, and never an exception', () => {
  const resources = resourcesOf(manifests);
  const documents = resources.map(({ value }) => value);
  const calls = [
    callOf('shop/web -> pay/ledger:8080'),
    callOf('shop/web -> pay/ledger', { path: '/a', method: 'GET' }),
    callOf('outside -> pay/ledger:8080'),
    callOf('shop/web -> api.example.com:443'),
    callOf('shop/* -> default/kubernetes:443'),
    callOf('gateway -> pay/ledger:8080', { host: 'pay.example' }),
  ];
  const settings = declareSettings(defaultSettings, {
    gateways: [{ gateway: 'istio-system/shared', podNamespace: 'istio-system', serviceAccount: 'gateway' }],
  });
  const whole = new Inventory(resources, settings);
  const seen = new Set<string>();
  const unsaid: string[] = [];
  const [first, count] = [firstOf(runs(1000, 200)), runs(1000, 200)];
  for (let seed = first; seed < first + count; seed++) {
    const random = new Random(seed);
    const at = random.below(documents.length);
    const text = JSON.stringify(spoiled(documents[at] ?? null, random));
    const inventory = new Inventory(
      [...resources.slice(0, at), ...resourcesOf(text), ...resources.slice(at + 1)],
      settings,
    );
    for (const state of statesOf({ before: whole, after: inventory }))
      for (const call of calls) {
        const told: string[] = [];
        const verdict = verdictOf(call, state, ({ text: step }) => told.push(step));
        if (![verdict.reason, ...told].every((each) => /\S\.$/.test(each))) unsaid.push(verdict.reason);
        seen.add(verdict.symptom ?? verdict.verdict);
      }
  }
  expect(unsaid).toEqual([]);
  expect(seen.size).toBeGreaterThan(5);
});
