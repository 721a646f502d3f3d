import { describe, expect, it } from 'vitest';
import { MeshWorld } from './mesh-world.ts';

interface Simulated {
  readonly calls: readonly {
    readonly from: string;
    readonly to: string;
    readonly clusters: readonly string[];
    readonly evidence: readonly { readonly source: string; readonly count?: number }[];
    readonly states: Readonly<
      Record<
        string,
        {
          readonly verdict: string;
          readonly symptom?: string;
          readonly file?: string;
          readonly line?: number;
        }
      >
    >;
  }[];
}

/** A policy that someone has written into the ledger's own manifests: all of payments is closed to Online Boutique. */
const denied = `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no-shop}
spec:
  action: DENY
  rules:
    - from: [{source: {namespaces: [online-boutique]}}]
`;

function withPolicy(text: string): MeshWorld {
  const world = new MeshWorld();
  const files = world.repositories['acme/payments'];
  if (files === undefined) throw new Error('the example has no payments');
  files['deploy/app.yaml'] = `${(files['deploy/app.yaml'] ?? '').trimEnd()}\n${text}`;
  return world;
}

describe('simulate', () => {
  it('a namespace that goes alone works until its policies refuse callers that stay outside; STRICT comes with all that the fleet declares', async () => {
    const { code, json, text } = await new MeshWorld().run('simulate', ['payments@lab']);

    const call = (json as Simulated).calls.find(({ from }) => from === 'online-boutique/paymentservice');
    expect(code).toBe(1);
    expect(
      Object.entries(call?.states ?? {}).map(([name, { symptom }]) => `${name} ${symptom ?? 'works'}`),
    ).toEqual([
      'before works',
      'merged works',
      'rolling works',
      'restarted works',
      'enforced 403 RBAC',
      'strict works',
    ]);
    expect(text).toContain('online-boutique/paymentservice has no mesh identity');
  });

  it('a policy by namespace refuses once the caller has an identity: with both in the mesh it breaks', async () => {
    const { code, json, text } = await withPolicy(denied).run('simulate', [], { environment: 'lab' });

    const { calls } = json as Simulated;
    const call = calls.find(({ from }) => from === 'online-boutique/paymentservice');
    expect(code).toBe(1);
    expect(call).toMatchObject({
      to: 'payments/ledger:9000',
      clusters: ['lab-eu-1', 'lab-eu-2'],
      evidence: [
        { source: 'declared' },
        { source: 'manifests', file: 'acme/apps/online-boutique/base/paymentservice.yaml', line: 42 },
      ],
      states: {
        before: { verdict: 'works' },
        merged: { verdict: 'works' },
        rolling: { verdict: 'breaks', symptom: '403 RBAC', file: 'acme/payments/deploy/app.yaml' },
        restarted: { verdict: 'breaks', symptom: '403 RBAC' },
        enforced: { verdict: 'breaks' },
        strict: { verdict: 'breaks' },
      },
    });
    expect(text).toContain('the AuthorizationPolicy payments/no-shop denies it');
    expect(text).toMatch(/\d+ calls: \d+ proven, 1 broken/);
  });

  it('explains one call, decision by decision', async () => {
    const { code, text } = await withPolicy(denied).run('simulate', [], {
      environment: 'lab',
      why: 'online-boutique/paymentservice -> payments/ledger:9000',
    });

    expect(code).toBe(0);
    const restarted = /restarted: .*?\n\n/s.exec(text)?.[0];
    expect(restarted?.replace(/ \((?:Author|acme).*?\)/g, '')).toMatchInlineSnapshot(`
      "restarted: 403 RBAC
        1. online-boutique/paymentservice has a sidecar: the label istio.io/rev of its namespace.
        2. Auto mTLS decides per endpoint.
        3. payments/ledger has a sidecar: the label istio.io/rev of its namespace.
        4. mTLS at payments/ledger is PERMISSIVE.
        5. online-boutique/paymentservice calls as online-boutique/paymentservice, and the AuthorizationPolicy payments/no-shop denies it.
        online-boutique/paymentservice calls as online-boutique/paymentservice, and the AuthorizationPolicy payments/no-shop denies it.

      "
    `);
  });

  it('draws who reaches whom at each stage', async () => {
    const { text } = await new MeshWorld().run('simulate', ['payments@lab'], { matrix: true });

    expect(text.split('\n\n')[0]?.trimEnd().split('\n').slice(0, 9)).toMatchInlineSnapshot(`
      [
        "lab before (+ reaches, . does not, ? undetermined; callers across)",
        "   1 payments/ledger",
        "   2 payments/backoffice",
        "   3 outside",
        "                           1  2  3",
        "payments/ledger:9000       +  +  +",
        "payments/backoffice:8080   +  +  +",
      ]
    `);
  });

  it('takes calls that were seen into the graph, with their evidence', async () => {
    const world = new MeshWorld();
    const metric = {
      __name__: 'istio_requests_total',
      source_workload: 'recommendationservice',
      source_workload_namespace: 'online-boutique',
      destination_service: 'ledger.payments.svc.cluster.local',
    };
    world.files['calls.json'] = JSON.stringify({
      status: 'success',
      data: { resultType: 'vector', result: [{ metric, value: [1764057600, '5'] }] },
    });

    const { code, json } = await world.run('simulate', [], { environment: 'lab', graph: 'calls.json' });

    const { calls } = json as Simulated;
    const call = calls.find(
      ({ from, to }) => from.endsWith('recommendationservice') && to.startsWith('payments/'),
    );
    // Nobody declared it, so that the policies that are generated refuse it.
    expect(code).toBe(1);
    expect(call).toMatchObject({
      evidence: [{ source: 'prometheus', file: 'calls.json', count: 5 }],
      states: { restarted: { verdict: 'works' }, enforced: { verdict: 'breaks' } },
    });
  });

  it.each<[string, readonly string[], Record<string, string>, RegExp]>([
    ['a target that is not there', ['nobody@lab'], {}, /nobody/],
    ['a call that is none', [], { why: 'shop' }, /"shop" is not a valid call/],
    ['a graph that is not there', [], { graph: 'none.json' }, /no none\.json/],
  ])('refuses %s', async (_, targets, options, message) => {
    const { code, problems } = await new MeshWorld().run('simulate', targets, options);

    expect(code).toBe(2);
    expect(problems[0]?.message).toMatch(message);
  });
});

describe('a namespace with the legacy label, before a control plane is in Git', () => {
  it('may have sidecars or not: known where that makes no difference', async () => {
    const { text } = await new MeshWorld().run('simulate', ['payments@lab'], {
      why: 'online-boutique/paymentservice -> payments/ledger:9000',
    });

    const before = /before: .*?\n\n/s.exec(text)?.[0];
    expect(before).toMatch(/^before: works/);
    expect(before).not.toContain('payments/ledger has a sidecar');
  });
});
