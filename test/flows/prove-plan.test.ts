import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../src/fleet/load.ts';
import { problemsOfProof, provePlan } from '../../src/flows/prove-plan.ts';
import { planFleetWaves } from '../../src/flows/wave-plan.ts';
import type { Fleet } from '../../src/model/fleet.ts';
import type { Step } from '../../src/model/waves.ts';
import { templates } from '../fakes/templates.ts';
import { randomFleet } from '../traffic/random-fleet.ts';
import { Random } from '../traffic/random.ts';

function fleetOf(text: string): Fleet {
  const loaded = loadFleet(text, 'fleet.yaml');
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join(' '));
  return loaded.value;
}

const header = `version: 1
mesh: {istioVersion: 1.30.3, revision: stable, gateway: {serviceAccount: istio-ingressgateway}}
forge: {kind: local, directory: forge}
environments: [{name: lab}]
namespaces:
`;

const proofOf = (fleet: Fleet, steps: readonly Step[]) => provePlan(fleet, steps, templates, 'fleet.yaml');

/** The same moves, the last one first but for each namespace's own two. */
function backwards(steps: readonly Step[]): readonly Step[] {
  return steps.toReversed().map((step) => {
    const targets = [...new Set(step.moves.map(({ target }) => target))].reverse();
    return { ...step, moves: targets.flatMap((each) => step.moves.filter(({ target }) => target === each)) };
  });
}

describe('the proof of a plan', () => {
  it('finds no call that breaks, and none it knows nothing of, whatever the fleet: plans keep their promise', () => {
    let calls = 0;
    for (let seed = 0; seed < 40; seed++) {
      const random = randomFleet(new Random(seed), 'outside');
      const fleet = fleetOf(random.text.replace('{name: lab}', '{name: lab, clusters: [lab-eu-1]}'));
      const { steps } = planFleetWaves(fleet, 2);
      const proof = proofOf(fleet, steps);
      calls += proof.calls;

      expect(proof, `seed ${String(seed)}`).toEqual({
        calls: random.calls.size,
        moves: steps.flatMap(({ moves }) => moves).length,
        broken: [],
        undetermined: [],
      });
    }
    expect(calls).toBeGreaterThan(100);
  });

  it('finds each call between namespaces that an order breaks: the callee enforced, the caller outside', () => {
    let found = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { text, calls } = randomFleet(new Random(seed), 'outside');
      const fleet = fleetOf(text);
      const steps = backwards(planFleetWaves(fleet, 1).steps);
      const moves = steps.flatMap((step) => step.moves);
      const at = (target: string, stage: string) =>
        moves.findIndex((move) => move.target === `${target}@lab` && move.stage === stage);
      const early = [...calls].filter((call) => {
        const [from = '', to = ''] = call.split(' -> ').map((end) => end.split('/')[0] ?? '');
        return from !== to && at(to, 'enforced') < at(from, 'joined');
      });
      found += early.length;

      const broken = new Set(proofOf(fleet, steps).broken.map(({ call }) => call));
      expect([...broken].filter((call) => early.includes(call)).sort(), `seed ${String(seed)}`).toEqual(
        early.sort(),
      );
    }
    expect(found).toBeGreaterThan(20);
  });

  it('says which move breaks what, with the symptom and what to do', () => {
    const fleet = fleetOf(`${header}  - name: bank
    repository: acme/bank
    path: deploy
    services: [{name: ledger, ports: [{number: 8080, protocol: http}]}]
  - name: shop
    repository: acme/shop
    path: deploy
    services: [{name: web, calls: ["bank/ledger:8080"], ports: [{number: 8080, protocol: http}]}]
`);
    const problems = problemsOfProof(proofOf(fleet, backwards(planFleetWaves(fleet, 1).steps)));

    expect(problems[0]).toMatchObject({ rule: 'wave-breaks-call', severity: 'error' });
    expect(problems[0]?.message).toMatch(
      /^shop\/web -> bank\/ledger:8080 works before bank@lab is enforced, and breaks after that: 403 RBAC\. .+\.$/,
    );
    expect(problems[0]?.fix).toContain('meshwright simulate bank@lab');
  });

  it('tells of callers that nobody has declared a namespace for', () => {
    const fleet = fleetOf(`${header}  - name: bank
    repository: acme/bank
    path: deploy
    services:
      - name: ledger
        ports: [{number: 8080, protocol: http}]
        allowFrom: [{namespace: legacy, serviceAccount: batch}]
`);
    const { broken, undetermined } = proofOf(fleet, planFleetWaves(fleet, 1).steps);

    expect(broken).toEqual([]);
    expect(undetermined).toMatchObject([{ call: 'legacy/batch -> bank/ledger:8080', environment: 'lab' }]);
    expect(undetermined[0]?.settle).toContain('legacy');
  });
});
