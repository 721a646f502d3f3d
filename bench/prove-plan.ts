// The proof of a wave plan: every move simulated, on fleets whose namespaces each call a few others and one that all call.
import { it } from 'vitest';
import { loadFleet } from '../src/fleet/load.ts';
import { provePlan } from '../src/flows/prove-plan.ts';
import { planFleetWaves } from '../src/flows/wave-plan.ts';
import { templates } from '../test/fakes/templates.ts';

function fleetOf(namespaces: number): string {
  const entries = Array.from({ length: namespaces }, (_, index) => {
    const others = [13, 26, 39, 52, 65].map((step) => (index * 7 + step) % namespaces);
    const called = new Set([...(index > 0 ? [0] : []), ...others.filter((each) => each > index)]);
    const calls = [...called].map((each) => `"team-${String(each)}/api:8080"`).join(', ');
    return `  - name: team-${String(index)}
    repository: acme/team-${String(index)}
    path: deploy
    stage: outside
    services:
      - {name: api, serviceAccount: api, ports: [{number: 8080, protocol: http}], hosts: ["t${String(index)}.acme.example"], calls: [${calls}]}
`;
  });
  return `version: 1
mesh: {istioVersion: 1.30.3, revision: stable, gateway: {serviceAccount: istio-ingressgateway}}
forge: {kind: local, directory: forge}
environments: [{name: lab}]
namespaces:
${entries.join('')}`;
}

it.each([[250], [500], [1000], [2000]])('the plan of %i namespaces', (namespaces) => {
  const loaded = loadFleet(fleetOf(namespaces), 'fleet.yaml');
  if (!loaded.ok) throw new Error('the fleet does not load');
  const { steps } = planFleetWaves(loaded.value, 10);
  const begin = performance.now();
  const { moves, calls, broken } = provePlan(loaded.value, steps, templates, 'fleet.yaml');
  const milliseconds = performance.now() - begin;
  process.stdout.write(
    `prove the plan of ${String(namespaces)} namespaces: ${(milliseconds / 1000).toFixed(2)} s, ${(milliseconds / moves).toFixed(2)} ms a move; ${String(moves)} moves, ${String(calls)} calls, ${String(broken.length)} broken\n`,
  );
});
