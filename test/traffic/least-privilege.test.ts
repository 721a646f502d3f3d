import { expect, it } from 'vitest';
import { renderTarget } from '../../src/bundle/plan-target.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { Inventory } from '../../src/mesh/inventory.ts';
import { settingsOfFleet } from '../../src/mesh/fleet-settings.ts';
import { verdictOf } from '../../src/traffic/simulate.ts';
import { statesOf } from '../../src/traffic/states.ts';
import { templates } from '../fakes/templates.ts';
import { resourcesOf } from '../mesh/manifests.ts';
import { Random } from './random.ts';
import { app, callOf, meshed, namespace } from './world.ts';

interface Fleet {
  readonly text: string;
  /** `namespace/service` of all. */
  readonly services: readonly string[];
  /** `from -> to:port` of all that is declared. */
  readonly calls: ReadonlySet<string>;
}

const ports = [8080, 9090];

/** A fleet of a few namespaces whose services call each other as chance has it. */
function randomFleet(random: Random): Fleet {
  const services = Array.from({ length: 2 + random.below(3) }, (_, index) => `team-${String(index)}`).flatMap(
    (team) => Array.from({ length: 1 + random.below(3) }, (_, index) => `${team}/app-${String(index)}`),
  );
  const calls = new Set<string>();
  for (let count = random.below(services.length * 3); count > 0; count--) {
    const [from, to] = [random.pick(services), random.pick(services)];
    if (from !== to) calls.add(`${from} -> ${to}:${String(random.pick(ports))}`);
  }
  const teams = [...new Set(services.map((each) => each.split('/')[0] ?? ''))];
  const entries = teams.map((team) => {
    const own = services
      .filter((each) => each.startsWith(`${team}/`))
      .map((each) => {
        const called = [...calls]
          .filter((call) => call.startsWith(`${each} -> `))
          .map((call) => call.split(' -> ')[1]);
        const name = each.split('/')[1] ?? '';
        const declared = ports.map(
          (port) => `{number: ${String(port)}, protocol: http, targetPort: ${String(port)}}`,
        );
        return `      - {name: ${name}, serviceAccount: ${name}, selector: {app: ${name}}, ports: [${declared.join(', ')}], calls: [${called.map((call) => `"${call ?? ''}"`).join(', ')}]}`;
      });
    return `  - name: ${team}\n    repository: acme/${team}\n    path: deploy\n    stage: enforced\n    services:\n${own.join('\n')}`;
  });
  const text = `version: 1
mesh: {istioVersion: 1.30.3, revision: stable, gateway: {serviceAccount: istio-ingressgateway}}
forge: {kind: local, directory: forge}
environments: [{name: lab}]
namespaces:
${entries.join('\n')}
`;
  return { text, services, calls };
}

/** What the enforced bundles let through, of all pairs of services and ports. */
function reached({ text, services }: Fleet): ReadonlySet<string> {
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
  const port = ports.map((number) => `{name: http-${String(number)}, port: ${String(number)}}`).join(', ');
  const manifests = [
    ...new Set(services.map((each) => namespace(each.split('/')[0] ?? '', meshed))),
    ...services.map((each) => app(each, port)),
  ].join('');
  const inventory = new Inventory([...resourcesOf(manifests), ...bundles], settingsOfFleet(fleet));
  const [state] = statesOf({ before: inventory });
  if (state === undefined) throw new Error('there is always a state before');
  const all = services.flatMap((from) =>
    services.flatMap((to) =>
      from === to ? [] : ports.map((number) => `${from} -> ${to}:${String(number)}`),
    ),
  );
  return new Set(all.filter((call) => verdictOf(callOf(call), state).verdict === 'works'));
}

it('what the enforced policies let through is exactly the graph: every declared call, and no other', () => {
  let declared = 0;
  for (let seed = 0; seed < 40; seed++) {
    const fleet = randomFleet(new Random(seed));
    declared += fleet.calls.size;

    expect([...reached(fleet)].sort(), `seed ${String(seed)}`).toEqual([...fleet.calls].sort());
  }
  expect(declared).toBeGreaterThan(100);
});
