import { expect, it } from 'vitest';
import { renderTarget } from '../../src/bundle/plan-target.ts';
import { oneFile } from '../../src/fleet/texts.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { importCalls } from '../../src/flows/import-calls.ts';
import { Inventory } from '../../src/mesh/inventory.ts';
import { settingsOfFleet } from '../../src/mesh/fleet-settings.ts';
import { verdictOf } from '../../src/traffic/simulate.ts';
import { statesOf } from '../../src/traffic/states.ts';
import { templates } from '../fakes/templates.ts';
import { resourcesOf } from '../mesh/manifests.ts';
import { fleetPorts, randomFleet, type RandomFleet } from './random-fleet.ts';
import { Random } from './random.ts';
import { app, callOf, meshed, namespace } from './world.ts';

/** What the enforced bundles let through, of all pairs of services and ports. */
function reached({ text, services }: RandomFleet): ReadonlySet<string> {
  const loaded = loadFleet(text, 'fleet.yaml');
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join(' '));
  const fleet = loaded.value;
  const bundles = fleet.targets.flatMap((target) =>
    renderTarget(target, templates)
      .bundles.flatMap(({ changes }) => changes)
      .filter(({ path }) =>
        /\/istio-(?:sidecar|authorizationpolicy|destinationrule|serviceentry)\.yaml$/.test(path),
      )
      .flatMap(({ path, after }) =>
        resourcesOf(after ?? '', path).map((each) => ({
          ...each,
          namespace: target.kind === 'namespace' ? target.namespace : each.namespace,
        })),
      ),
  );
  const port = fleetPorts
    .map((number) => `{name: http-${String(number)}, port: ${String(number)}}`)
    .join(', ');
  const manifests = [
    ...new Set(services.map((each) => namespace(each.split('/')[0] ?? '', meshed))),
    ...services.map((each) => app(each, port)),
  ].join('');
  const inventory = new Inventory([...resourcesOf(manifests), ...bundles], settingsOfFleet(fleet));
  const [state] = statesOf({ before: inventory });
  if (state === undefined) throw new Error('there is always a state before');
  const all = services.flatMap((from) =>
    services.flatMap((to) =>
      from === to ? [] : fleetPorts.map((number) => `${from} -> ${to}:${String(number)}`),
    ),
  );
  return new Set(all.filter((call) => verdictOf(callOf(call), state).verdict === 'works'));
}

it('what the enforced policies let through is exactly the graph: every declared call, and no other', () => {
  let declared = 0;
  for (let seed = 0; seed < 40; seed++) {
    const fleet = randomFleet(new Random(seed), 'enforced');
    declared += fleet.calls.size;

    expect([...reached(fleet)].sort(), `seed ${String(seed)}`).toEqual([...fleet.calls].sort());
  }
  expect(declared).toBeGreaterThan(100);
});

/** What Prometheus answers of some calls, which it knows no ports of. */
function answerOf(calls: ReadonlySet<string>): string {
  const result = [...calls].map((call) => {
    const [from = '', to = ''] = call.split(' -> ');
    const [namespace, workload] = from.split('/');
    const [place = '', name = ''] = (to.split(':')[0] ?? '').split('/');
    const metric = {
      __name__: 'istio_requests_total',
      source_workload_namespace: namespace,
      source_workload: workload,
      destination_service: `${name}.${place}.svc.cluster.local`,
    };
    return { metric, value: [1764057600, '7'] };
  });
  return JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });
}

it('what they let through of traffic that was seen is exactly that: imported, declared, enforced', () => {
  for (let seed = 100; seed < 120; seed++) {
    const seen = randomFleet(new Random(seed), 'enforced');
    const text = seen.text.replace(/, calls: \[[^\]]*\]/g, '');
    const fleet = loadFleet(text, 'fleet.yaml');
    if (!fleet.ok) throw new Error(fleet.problems.map(({ message }) => message).join(' '));
    const graph = { text: answerOf(seen.calls), file: 'prometheus.json' };

    const imported = importCalls(graph, fleet.value, oneFile(text, 'fleet.yaml'));

    if (!imported.ok) throw new Error(imported.problems.map(({ message }) => message).join(' '));
    const expected = new Set(
      [...seen.calls].flatMap((call) => fleetPorts.map((port) => call.replace(/:\d+$/, `:${String(port)}`))),
    );
    expect([...reached({ ...seen, text: imported.value.texts.text })].sort(), `seed ${String(seed)}`).toEqual(
      [...expected].sort(),
    );
  }
});
