import { describe, expect, it } from 'vitest';
import { labAt, type MeshWorld } from './mesh-world.ts';

const rules = (problems: readonly { readonly rule: string }[]) => problems.map(({ rule }) => rule);

function exempt(world: MeshWorld, until: string): void {
  world.fleet = world.fleet.replace(
    '- name: lab-eu-1\n',
    `- name: lab-eu-1\n        exemptions: [{namespace: payments, reason: moves in spring, until: ${until}}]\n`,
  );
}

/** One namespace goes back to joined in its repository; the fleet still says enforced. */
async function straggler(): Promise<MeshWorld> {
  const world = await labAt('enforced');
  const sidecar = world.repositories['acme/payments']?.['deploy/istio-sidecar.yaml'] ?? '';
  Object.assign(world.repositories['acme/payments'] ?? {}, {
    'deploy/istio-sidecar.yaml': sidecar.replace('mode: REGISTRY_ONLY', 'mode: ALLOW_ANY'),
  });
  return world;
}

describe('the gate of STRICT', () => {
  it('is closed while one namespace is not enforced in its repository, whatever lock and fleet say', async () => {
    const world = await straggler();
    const before = world.fleet;

    const result = await world.run('strict', ['lab-eu-1']);

    expect(result.code).toBe(1);
    expect(result.text).toContain('the gate is closed');
    expect(result.text).toMatch(/missing +payments\n +Sidecar default .*REGISTRY_ONLY/);
    expect(result.text).toMatch(/enforced +bookinfo\n/);
    expect(result.problems).toMatchObject([
      {
        rule: 'strict-gate-namespace',
        repository: 'acme/payments',
        file: 'deploy/istio-sidecar.yaml',
      },
    ]);
    expect(result.json).toMatchObject({ open: false, cluster: 'lab-eu-1' });
    expect(world.opened).toEqual([]);
    expect(world.fleet).toBe(before);
  });

  it('opens for an exempted straggler, names reason and day in the pull request, and closes when the day is past', async () => {
    const world = await straggler();
    exempt(world, '2026-12-31');

    const open = await world.run('strict', ['lab-eu-1']);
    const [draft] = world.opened;
    exempt(world, '2026-11-23');
    world.fleet = world.fleet.replace(/ +exemptions: .*until: 2026-12-31.*\n/, '');
    const past = await world.run('strict', ['lab-eu-1', '--check']);

    expect(open.code).toBe(0);
    expect(draft?.body).toContain('| `payments` | `2026-12-31` | `moves in spring` |');
    expect(past.code).toBe(1);
    expect(past.text).toContain('its exemption ended on 2026-11-23');
  });

  it('opens with all enforced: a few lines change, the fleet says so, and the second run changes nothing', async () => {
    const world = await labAt('enforced');

    const result = await world.run('strict', ['lab-eu-1']);
    const [draft, second] = world.opened;
    const changes = (draft?.changes ?? []).filter(({ path }) => !path.startsWith('.meshwright/'));
    world.merge();
    const again = await world.run('strict', ['cluster/lab-eu-1']);

    expect(result.code).toBe(0);
    expect(second).toBeUndefined();
    expect(draft?.title).toBe('Refuse plaintext on cluster lab-eu-1');
    expect(draft?.body).toContain('## How to check: watch for 24 hours');
    expect(changes.map(({ path }) => path)).toEqual([
      'infrastructure/mesh/lab-eu-1/config/destination-rules.yaml',
      'infrastructure/mesh/lab-eu-1/config/kustomization.yaml',
      'clusters/lab-eu-1/mesh-variables.yaml',
    ]);
    const variables = changes.at(-1);
    expect(variables?.after).toBe(variables?.before?.replace('mtls_mode: PERMISSIVE', 'mtls_mode: STRICT'));
    expect(changes[1]?.after).toBe(`${changes[1]?.before ?? ''}  - destination-rules.yaml\n`);
    expect(world.fleet).toContain('mode: strict');
    expect(again.code).toBe(0);
    expect(world.opened).toEqual([]);
  });

  it('is the only way: open and upgrade refuse to turn STRICT on, apply warns', async () => {
    const world = await labAt('enforced');
    world.fleet = world.fleet.replace('- name: lab-eu-1\n', '- name: lab-eu-1\n        mode: strict\n');

    const opened = await world.run('open', ['cluster/lab-eu-1']);
    const upgraded = await world.run('upgrade', ['cluster/lab-eu-1'], { open: true });
    const diff = await world.run('diff', ['cluster/lab-eu-1']);

    expect(opened.code).toBe(1);
    expect(rules(opened.problems)).toContain('strict-needs-gate');
    expect(rules(upgraded.problems)).toContain('strict-needs-gate');
    expect(world.opened).toEqual([]);
    expect(diff.problems).toMatchObject([{ rule: 'strict-needs-gate', severity: 'warning' }]);
  });

  it('looks at the cluster itself, at callers nobody knows, and at pods that refuse a sidecar', async () => {
    const world = await labAt('enforced');
    const payments = world.repositories['acme/payments'] ?? {};
    Object.assign(payments, {
      'deploy/kustomization.yml': (payments['deploy/kustomization.yml'] ?? '').replace(
        'resources:\n',
        'resources:\n- job.yaml\n',
      ),
      'deploy/job.yaml':
        'apiVersion: batch/v1\nkind: Job\nmetadata: {name: nightly, namespace: payments}\nspec:\n  template:\n    metadata:\n      labels: {sidecar.istio.io/inject: "false"}\n    spec: {containers: []}\n',
    });
    const platform = world.repositories['acme/platform'] ?? {};
    Reflect.deleteProperty(platform, 'infrastructure/mesh/base/istiod/istiod.yaml');
    world.fleet = world.fleet.replace(
      '      - name: details\n',
      '      - name: details\n        allowFrom: [{namespace: monitoring}]\n',
    );

    const result = await world.run('strict', ['lab-eu-1'], { check: true });

    expect(result.code).toBe(1);
    expect(result.text).toContain(
      'the pods of Job nightly have no sidecar (sidecar.istio.io/inject: "false")',
    );
    expect(result.text).toMatch(/missing +monitoring\n +it calls bookinfo\/details/);
    expect(rules(result.problems)).toContain('strict-gate-cluster');
  });
});

describe('evidence of Prometheus', () => {
  const series = (policy: string, count: string, source = 'legacy') => ({
    metric: {
      source_workload_namespace: source,
      source_workload: 'cron',
      destination_workload_namespace: 'payments',
      destination_workload: 'ledger',
      connection_security_policy: policy,
    },
    value: [1764000000, count],
  });
  const answer = (...result: readonly object[]) =>
    JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });
  const judge = async (text: string) => {
    const world = await labAt('enforced');
    world.files['calls.json'] = text;
    return world.run('strict', ['lab-eu-1'], { check: true, evidence: 'calls.json' });
  };

  it('keeps the gate open when only mTLS was seen, and counters without mTLS stand at zero', async () => {
    expect(await judge(answer(series('mutual_tls', '7'), series('none', '0')))).toMatchObject({ code: 0 });
  });

  it('closes it for a call without mTLS, and names both sides', async () => {
    const result = await judge(answer(series('mutual_tls', '7'), series('none', '2.5')));

    expect(result.code).toBe(1);
    expect(result.problems.map(({ message }) => message)).toEqual([
      'legacy/cron called payments/ledger 3 times without mTLS (none).',
    ]);
  });

  it.each([
    ['nothing at all, which proves nothing', answer(), 'evidence-empty'],
    ['an error of Prometheus', '{"status":"error","error":"timeout"}', 'evidence-unreadable'],
    ['no JSON', 'up 1', 'evidence-unreadable'],
    ['series without the label', answer({ metric: {}, value: [1, '1'] }), 'evidence-unreadable'],
  ])('refuses %s', async (_, text, rule) => {
    const result = await judge(text);

    expect([result.code, ...rules(result.problems)]).toEqual([2, rule]);
  });
});

it('says which clusters there are', async () => {
  const world = await labAt('joined');

  const result = await world.run('strict', ['lab-eu-9']);

  expect(result.code).toBe(2);
  expect(result.problems[0]?.fix).toBe('Known: lab-eu-1, lab-eu-2, dev-eu-1.');
});
