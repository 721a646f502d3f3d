import { expect, it } from 'vitest';
import { mergeCalls } from '../../src/traffic/graph.ts';
import { scannedCalls } from '../../src/traffic/scanned.ts';
import { describeCall, describeRequest } from '../../src/model/traffic.ts';
import { verdictOf } from '../../src/traffic/simulate.ts';
import { istio } from '../mesh/manifests.ts';
import { app, callOf, meshed, namespace, statesFrom } from './world.ts';

// istio/istio#32775: an init container runs before a sidecar that is not a native one.
const web = (annotation: string, restart = '') => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {${annotation}}}
    spec:
      serviceAccountName: web
      initContainers: [{name: migrate, image: x${restart}, env: [{name: URL, value: "http://db:8080"}]}]
      containers: [{name: web, image: x, env: [{name: URL, value: "http://db:8080"}]}]
`;
const strict = istio('PeerAuthentication', 'shop/default', '{mtls: {mode: STRICT}}');
const outside = namespace('shop') + app('shop/db');
const inside = namespace('shop', meshed) + app('shop/db') + strict;

/** Each call with its verdict before and after the move, where Istio has a version. */
function verdicts(istioVersion: string | undefined, annotation = '', restart = ''): readonly string[] {
  const pods = web(annotation, restart);
  const states = statesFrom(
    { before: outside + pods, after: inside + pods },
    istioVersion === undefined ? {} : { istioVersion },
  );
  const [before] = states;
  if (before === undefined) throw new Error('there is always a state before');
  return mergeCalls(scannedCalls(before.config)).map((call) => {
    const words = states.map((state) => {
      const { verdict, symptom } = verdictOf(call, state);
      return symptom ?? verdict;
    });
    return `${describeCall(call)}${describeRequest(call)}: ${String(words[0])}, ${String(words.at(-1))}`;
  });
}

it.each<[string, Parameters<typeof verdicts>, string | undefined]>([
  ['before 1.27, it has no sidecar yet', ['1.26.4'], 'works, reset'],
  ['since 1.27, the sidecar is there', ['1.30.3'], 'works, works'],
  [
    'unless the pod says that its sidecar is no native one',
    ['1.30.3', 'sidecar.istio.io/nativeSidecar: "false"'],
    'works, reset',
  ],
  ['without a version, nobody knows', [undefined], 'works, undetermined'],
  [
    'a container that keeps running is no init container',
    ['1.26.4', '', ', restartPolicy: Always'],
    undefined,
  ],
])('a call of an init container: %s', (_, input, expected) => {
  expect(verdicts(...input)).toEqual([
    ...(expected === undefined ? [] : [`shop/web -> shop/db:8080 from an init container: ${expected}`]),
    'shop/web -> shop/db:8080: works, works',
  ]);
});

it('a declared call is declared for the init container too, and stays a call of its own', () => {
  const declared = callOf('shop/web -> shop/db:8080', { evidence: [{ source: 'declared' }] });
  const named = { ...declared, isFromInit: true, evidence: [{ source: 'manifests' as const }] };

  expect(mergeCalls([declared], [named]).map(({ evidence }) => evidence.map(({ source }) => source))).toEqual(
    [['declared'], ['manifests', 'declared']],
  );
});
