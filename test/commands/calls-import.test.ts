import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../src/fleet/load.ts';
import { MeshWorld } from './mesh-world.ts';

interface Seen {
  readonly from: string;
  readonly to: string;
  readonly protocol?: string;
  readonly account?: string;
}

/** What Prometheus answers about some calls, `namespace/workload` each. */
function answer(...calls: readonly Seen[]): string {
  const result = calls.map(({ from, to, protocol = 'http', account }) => {
    const [namespace, workload] = from.split('/');
    const metric = {
      __name__: protocol === 'tcp' ? 'istio_tcp_connections_opened_total' : 'istio_requests_total',
      reporter: 'source',
      source_workload_namespace: namespace,
      source_workload: workload,
      source_principal:
        account === undefined ? 'unknown' : `spiffe://cluster.local/ns/${namespace ?? ''}/sa/${account}`,
      destination_service: to,
    };
    return { metric, value: [1764057600, '3'] };
  });
  return JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });
}

const ledger = 'ledger.payments.svc.cluster.local';

async function imported(text: string, options = {}) {
  const world = new MeshWorld();
  world.files['calls.json'] = text;
  const before = world.fleet;
  const result = await world.run('calls import', ['calls.json'], options);
  return { world, before, ...result };
}

/** Lines that the second text has more, or in another place, than the first. */
function linesAdded(before: string, after: string): readonly string[] {
  const left = before.split('\n');
  return after.split('\n').filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** Counters of policies in dry-run for one Service, over a day. */
function shadow(workload: string, refused: string): string {
  const series = (outcome: string, last: string) => ({
    metric: {
      __name__: 'envoy_http_inbound_0_0_0_0_9000_rbac',
      authz_dry_run_action: 'allow',
      authz_dry_run_result: outcome,
      namespace: 'payments',
      pod: `${workload}-74fb669cc6-95qm8`,
    },
    values: [
      [1764057600, '0'],
      [1764144000, last],
    ],
  });
  const result = [series('allowed', '41'), series('denied', refused)];
  return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
}

describe('calls import', () => {
  it('states traffic of which policies in dry-run would have refused nothing', async () => {
    const { code, text, world, before } = await imported(shadow('ledger', '0'), { write: true });

    expect([code, text.split('\n')[1]]).toEqual([
      0,
      '  payments/ledger: 41 requests observed, all from declared callers',
    ]);
    const loaded = loadFleet(world.fleet, 'fleet.yaml');
    const services = (loaded.ok ? loaded.value.targets : []).flatMap((target) =>
      target.kind === 'namespace' ? target.specs.flatMap((spec) => spec.services) : [],
    );
    expect(services.find(({ name }) => name === 'ledger')?.observed).toEqual({
      source: 'envoy',
      from: '2025-11-25T08:00:00.000Z',
      until: '2025-11-26T08:00:00.000Z',
      received: 41,
      sent: 0,
    });
    expect(linesAdded(world.fleet, before)).toEqual([]);
  });

  it('states nothing where policies in dry-run would have refused a request, nor of a service that the fleet does not have', async () => {
    for (const [text, rule] of [
      [shadow('ledger', '2'), 'dry-run-refuses'],
      [shadow('stranger', '0'), 'fleet-observed-not-added'],
    ] as const) {
      const { problems, world, before } = await imported(text, { write: true });

      expect(problems.map((each) => each.rule)).toContain(rule);
      expect(world.fleet).toBe(before);
    }
  });

  it('proposes an edit and writes nothing', async () => {
    const { code, text, world, before } = await imported(
      answer({ from: 'online-boutique/recommendationservice', to: ledger }),
    );

    expect(code).toBe(1);
    expect(world.fleet).toBe(before);
    expect(text.split('\n').filter((line) => /^[-+] /.test(line))).toEqual([
      '-        calls: [productcatalogservice:3550]',
      '+        calls: [productcatalogservice:3550, "payments/ledger:9000"]',
    ]);
  });

  it.each<[string, Seen, readonly string[]]>([
    [
      'a call of a service without calls',
      { from: 'online-boutique/adservice', to: ledger },
      ['        calls:', '          - "payments/ledger:9000"'],
    ],
    [
      'a call inside a namespace',
      {
        from: 'online-boutique/adservice',
        to: 'redis-cart.online-boutique.svc.cluster.local',
        protocol: 'tcp',
      },
      ['        calls:', '          - "redis-cart:6379"'],
    ],
    [
      'a caller of another namespace, by its account',
      { from: 'monitoring/prometheus', to: ledger, account: 'prometheus-server' },
      [
        '        allowFrom:',
        '          - namespace: monitoring',
        '            serviceAccount: prometheus-server',
      ],
    ],
    [
      'a host outside',
      { from: 'payments/ledger', to: 'api.adyen.com', protocol: 'tcp' },
      ['      - host: api.adyen.com'],
    ],
    [
      'the API server',
      { from: 'payments/ledger', to: 'kubernetes.default.svc.cluster.local', protocol: 'tcp' },
      ['    kubernetesApi: true'],
    ],
  ])('writes %s, and every other line stays', async (_, seen, expected) => {
    const { code, world, before, problems } = await imported(answer(seen), { write: true });

    expect(problems).toEqual([]);
    expect(code).toBe(0);
    expect(linesAdded(before, world.fleet)).toEqual(expected);
    expect(linesAdded(world.fleet, before)).toEqual([]);
    expect(loadFleet(world.fleet, 'fleet.yaml').ok).toBe(true);
  });

  it('finds nothing to add the second time', async () => {
    const { world } = await imported(
      answer(
        { from: 'online-boutique/adservice', to: ledger },
        { from: 'monitoring/prometheus', to: ledger, account: 'prometheus-server' },
        { from: 'payments/ledger', to: 'api.adyen.com', protocol: 'tcp' },
      ),
      { write: true },
    );
    const once = world.fleet;

    const again = await world.run('calls import', ['calls.json'], { write: true });

    expect(again).toMatchObject({ code: 0, text: '3 calls observed, nothing to add.\n' });
    expect(world.fleet).toBe(once);
  });

  it('finds nothing to add for what is declared, in any form', async () => {
    const { code, text } = await imported(
      answer(
        { from: 'bookinfo/productpage', to: 'reviews.bookinfo.svc.cluster.local' },
        { from: 'online-boutique/paymentservice', to: ledger },
        { from: 'payments/ledger', to: 'api.stripe.com', protocol: 'tcp' },
        { from: 'istio-system/istio-ingressgateway', to: 'frontend.online-boutique.svc.cluster.local' },
      ),
    );

    expect({ code, text }).toEqual({ code: 0, text: '4 calls observed, nothing to add.\n' });
  });

  it.each<[string, Seen, RegExp]>([
    [
      'a caller without a mesh identity',
      { from: 'unknown/unknown', to: ledger },
      /outside -> payments\/ledger .* no identity/,
    ],
    [
      'a service that the fleet does not have',
      { from: 'payments/ledger', to: 'mail.office.svc.cluster.local' },
      /no service "mail" in namespace "office"/,
    ],
    [
      'a caller that the fleet does not have',
      { from: 'payments/night-job', to: 'ledger.payments.svc.cluster.local' },
      /no service "night-job" in namespace "payments"/,
    ],
    [
      'a service behind the gateway that has no host',
      { from: 'istio-system/istio-ingressgateway', to: ledger },
      /declares no host for it/,
    ],
  ])('says why it does not add %s', async (_, seen, message) => {
    const { code, problems, world, before } = await imported(answer(seen), { write: true });

    expect(code).toBe(0);
    expect(world.fleet).toBe(before);
    expect(problems).toMatchObject([
      { rule: 'fleet-call-not-added', severity: 'warning', message, file: 'calls.json' },
    ]);
  });

  it('says in one line what it leaves out of namespaces of the mesh, and lets callers there in all the same', async () => {
    const { code, problems, world, before } = await imported(
      answer(
        { from: 'payments/ledger', to: 'kube-dns.kube-system.svc.cluster.local' },
        { from: 'bookinfo/reviews', to: 'kube-dns.kube-system.svc.cluster.local' },
        { from: 'payments/ledger', to: 'istiod.istio-system.svc.cluster.local' },
        { from: 'flux-system/source-controller', to: 'github.com', protocol: 'tcp' },
        { from: 'kube-system/metrics', to: ledger, account: 'metrics' },
      ),
      { write: true },
    );

    expect(code).toBe(0);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/flux-system \(1\), istio-system \(1\), kube-system \(2\), .* were skipped/),
    ]);
    const added = linesAdded(before, world.fleet).join('\n');
    expect(added).toContain('kube-system');
    expect(added).toContain('allowFrom');
  });

  it.each([
    ['no JSON', 'hello', 'graph-no-json'],
    ['an unknown file', '{"a": 1}', 'graph-unknown'],
  ])('refuses %s', async (_, text, rule) => {
    const { code, problems } = await imported(text);

    expect(code).toBe(2);
    expect(problems[0]).toMatchObject({ rule, file: 'calls.json', line: 1 });
  });

  it('tells each call with its evidence as JSON', async () => {
    const { json } = await imported(answer({ from: 'online-boutique/adservice', to: ledger }));

    expect(json).toMatchObject({
      calls: [
        {
          from: 'online-boutique/adservice',
          to: 'payments/ledger',
          protocol: 'http',
          evidence: [
            { source: 'prometheus', file: 'calls.json', count: 3, lastSeen: '2025-11-25T08:00:00.000Z' },
          ],
          added: true,
        },
      ],
      summary: { seen: 1, added: 1 },
    });
  });

  it('declares what manifests name, with --scan, and what is declared already is nothing to add', async () => {
    const world = new MeshWorld();
    const nothing = await world.run('calls import', [], { scan: true });
    const files = world.repositories['acme/payments'] ?? {};
    files['deploy/app.yaml'] = (files['deploy/app.yaml'] ?? '').replace(
      'image: registry.acme.example/payments/backoffice',
      `args: ["--catalog=productcatalogservice.online-boutique.svc:3550"]
          $&`,
    );
    const before = world.fleet;

    const { code, text, problems } = await world.run('calls import', [], { scan: true, write: true });

    expect(nothing.code).toBe(0);
    expect(nothing.text).toContain('nothing to add');
    expect([code, problems]).toEqual([0, []]);
    expect(text).toContain('payments/backoffice -> online-boutique/productcatalogservice:3550');
    expect(linesAdded(before, world.fleet)).toEqual([
      expect.stringContaining('online-boutique/productcatalogservice:3550'),
    ]);
    expect(loadFleet(world.fleet, 'fleet.yaml').ok).toBe(true);
  });

  it.each([
    [[], {}, 'No file was given.'],
    [['calls.json'], { scan: true }, 'A file and --scan cannot be combined.'],
  ])('needs one source: %j %j', async (names, options, message) => {
    const { code, problems } = await new MeshWorld().run('calls import', names, options);

    expect([code, problems[0]?.message]).toEqual([2, message]);
  });
});
