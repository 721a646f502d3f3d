import { Inventory } from '../../src/mesh/inventory.ts';
import { declareSettings, defaultSettings } from '../../src/mesh/settings.ts';
import type { Call, StateName, Decision, Verdict } from '../../src/model/traffic.ts';
import { parseCall } from '../../src/traffic/parse-call.ts';
import { verdictOf } from '../../src/traffic/simulate.ts';
import { statesOf, type State } from '../../src/traffic/states.ts';
import { resourcesOf } from '../mesh/manifests.ts';

export interface Manifests {
  readonly before: string;
  readonly after?: string;
  readonly enforced?: string;
  readonly strict?: string;
}

/** The states that manifests make, each step the whole of the cluster. */
export function statesFrom(
  manifests: Manifests,
  settings: Parameters<typeof declareSettings>[1] = {},
): readonly State[] {
  const declared = declareSettings(defaultSettings, { gateways: [sharedGateway], ...settings });
  const read = (text: string | undefined, file: string) =>
    text === undefined ? undefined : new Inventory(resourcesOf(text, file), declared);
  return statesOf({
    before: new Inventory(resourcesOf(manifests.before, 'before.yaml'), declared),
    after: read(manifests.after, 'after.yaml'),
    enforced: read(manifests.enforced, 'enforced.yaml'),
    strict: read(manifests.strict, 'strict.yaml'),
  });
}

const sharedGateway = {
  gateway: 'istio-system/shared',
  podNamespace: 'istio-system',
  serviceAccount: 'istio-ingressgateway',
};

export function callOf(text: string, more: Partial<Call> = {}): Call {
  const parsed = parseCall(text);
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
  return { ...parsed.value, ...more };
}

/** One word for each state: `works`, the symptom of what breaks, or `?`. */
export function outcomes(
  text: string,
  states: readonly State[],
  more: Partial<Call> = {},
): Readonly<Partial<Record<StateName, string>>> {
  return Object.fromEntries(
    states.map((state) => [state.name, wordFor(verdictOf(callOf(text, more), state))]),
  );
}

function wordFor({ verdict, symptom }: Verdict): string {
  return verdict === 'undetermined' ? '?' : (symptom ?? verdict);
}

/** The verdict in a cluster as it is. */
export function verdictIn(
  manifests: string,
  text: string,
  more: Partial<Call> = {},
  settings: Parameters<typeof declareSettings>[1] = {},
): Verdict & { readonly steps: readonly Decision[] } {
  const [state] = statesFrom({ before: manifests }, settings);
  if (state === undefined) throw new Error('there is always a state before');
  const steps: Decision[] = [];
  const verdict = verdictOf(callOf(text, more), state, (step) => steps.push(step));
  return { ...verdict, steps };
}

export function namespace(name: string, labels = '{}'): string {
  return `---
apiVersion: v1
kind: Namespace
metadata: {name: ${name}, labels: ${labels}}
`;
}

export const meshed = '{istio.io/rev: stable}';

/** A Deployment and its Service, of one name, with an account of that name. */
export function app(place: string, port = '{name: http, port: 8080}', pod = '', service = ''): string {
  const [inNamespace = '', name = ''] = place.split('/');
  return `---
apiVersion: v1
kind: Service
metadata: {namespace: ${inNamespace}, name: ${name}}
spec: {${service}selector: {app: ${name}}, ports: [${port}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: ${inNamespace}, name: ${name}}
spec:
  template:
    metadata: {labels: {app: ${name}}${pod}}
    spec: {serviceAccountName: ${name}, containers: [{name: ${name}, image: x}]}
`;
}
