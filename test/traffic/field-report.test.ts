import { expect, it } from 'vitest';
import { describeCall, stateNames } from '../../src/model/traffic.ts';
import { simulate } from '../../src/traffic/simulate.ts';
import { MeshWorld } from '../commands/mesh-world.ts';
import { onlineBoutique, reportWorld } from './report-bundle.ts';

/** A table with a line for each call, a column for each state. */
async function table(): Promise<readonly string[]> {
  const { states, calls } = await reportWorld(onlineBoutique);
  return simulate(calls, states).map(({ call, states: verdicts }) => {
    const words = stateNames.flatMap((name) => {
      const verdict = verdicts[name];
      if (verdict === undefined) return [];
      return verdict.verdict === 'undetermined' ? '?' : (verdict.symptom ?? 'works');
    });
    return `${describeCall(call).replaceAll('online-boutique/', '')}: ${words.join(' | ')}`;
  });
}

it("the field report's bundle, as the report says, on Online Boutique: which call breaks in which state", async () => {
  expect(await table()).toMatchInlineSnapshot(`
    [
      "loadgenerator -> frontend:80: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "gateway (shop.lab.acme.example) -> frontend:80: ? | 503 UF | 503 UF | works | works",
      "frontend -> checkoutservice:5050: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "frontend -> recommendationservice:8080: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "frontend -> cartservice:7070: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "checkoutservice -> cartservice:7070: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "checkoutservice -> paymentservice:50051: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "frontend -> productcatalogservice:3550: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "checkoutservice -> productcatalogservice:3550: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "recommendationservice -> productcatalogservice:3550: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "frontend -> currencyservice:7000: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "checkoutservice -> currencyservice:7000: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "frontend -> shippingservice:50051: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "checkoutservice -> shippingservice:50051: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "checkoutservice -> emailservice:5000: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "frontend -> adservice:9555: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "cartservice -> redis-cart:6379: works | works | reset | reset | reset",
      "paymentservice -> payments/ledger:9000: works | works | 502 BlackHole | 502 BlackHole | 502 BlackHole",
    ]
  `);
});

it("Meshwright's plan for the same fleet breaks no call at any state", async () => {
  const { code, json } = await new MeshWorld().run('simulate', [], { environment: 'lab' });
  const { summary, calls } = json as {
    summary: object;
    calls: { from: string; states: Record<string, { verdict: string; reason: string }> }[];
  };

  expect(code).toBe(0);
  expect(summary).toEqual({ calls: 31, proven: 26, broken: 0, undetermined: 5, failing: 0, unknown: 0 });
  // Before the shared gateway is there, nobody knows how the hosts are reached; the team's own gateway nobody has read.
  const unknown = calls.flatMap(({ from, states }) =>
    Object.entries(states).flatMap(([state, { verdict }]) =>
      verdict === 'works' ? [] : [`${from} ${state}`],
    ),
  );
  expect([...new Set(unknown)]).toEqual([
    'gateway before',
    ...['before', 'merged', 'rolling', 'restarted', 'enforced', 'strict'].map(
      (state) => `gateway edge/bookinfo-gateway ${state}`,
    ),
  ]);
});
