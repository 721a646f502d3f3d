import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/model/json.ts';
import { describeCall } from '../../src/model/traffic.ts';
import { Directory } from '../../src/traffic/directory.ts';
import { callsOf, mergeCalls } from '../../src/traffic/graph.ts';
import { importers } from '../../src/traffic/importers/index.ts';
import { readGraph } from '../../src/traffic/read-graph.ts';
import { inventoryOf } from '../mesh/manifests.ts';
import { app, callOf } from './world.ts';

const directory = new Directory([], inventoryOf(app('shop/frontend') + app('shop/cart') + app('pay/ledger')));
const gateway = { namespace: 'istio-system', serviceAccount: 'istio-ingressgateway' };

/** Each call of a file, with its evidence. */
function callsIn(text: string): readonly string[] {
  const read = readGraph(text, 'graph.json');
  if (!read.ok) throw new Error(read.problems[0]?.message);
  const { calls, source } = read.value;
  return callsOf(calls, directory, gateway, source, 'graph.json').calls.map((call) => {
    const [seen] = call.evidence;
    const protocol = call.protocol === undefined ? '' : ` ${call.protocol}`;
    return `${describeCall(call)}${protocol} ${String(seen?.count)} ${seen?.lastSeen ?? 'never'}`;
  });
}

const samples = new URL('samples/', import.meta.url);

describe('a file as the tool writes it', () => {
  it.each(importers.map(({ source }) => source))(
    '%s: is recognised by it alone, and read',
    async (source) => {
      const name = readdirSync(samples).find(
        (file) => /\.jsonl?$/.test(file) && file.startsWith(`${source}.`),
      );
      const text = readFileSync(new URL(name ?? source, samples), 'utf8');
      const [first = ''] = name?.endsWith('.jsonl') === true ? text.split('\n') : [text];

      expect(
        importers.flatMap((each) => (each.recognises(JSON.parse(first) as JsonValue) ? [each.source] : [])),
      ).toEqual([source]);
      expect(readGraph(text, 'graph.json').problems).toEqual([]);
      await expect(`${callsIn(text).join('\n')}\n`).toMatchFileSnapshot(
        new URL(`${source}.expected`, samples).pathname,
      );
    },
  );
});

describe("Prometheus with Istio's metrics", () => {
  const series = (metric: Readonly<Record<string, string>>, count: string) => ({
    metric,
    value: [1764057600.123, count],
  });
  const answer = (...result: readonly object[]) =>
    JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });
  const edge = {
    __name__: 'istio_requests_total',
    reporter: 'destination',
    source_workload: 'frontend',
    source_workload_namespace: 'shop',
    source_principal: 'spiffe://cluster.local/ns/shop/sa/frontend',
    destination_service: 'ledger.pay.svc.cluster.local',
    destination_service_name: 'ledger',
    destination_service_namespace: 'pay',
    destination_workload: 'ledger-v1',
    destination_workload_namespace: 'pay',
    connection_security_policy: 'mutual_tls',
    request_protocol: 'http',
    response_code: '200',
  };

  it('sums response codes, and takes one reporter', () => {
    const text = answer(
      series(edge, '10'),
      series({ ...edge, response_code: '503' }, '2'),
      series({ ...edge, reporter: 'source' }, '11'),
    );

    expect(callsIn(text)).toEqual(['shop/frontend -> pay/ledger http 12 2025-11-25T08:00:00.123Z']);
  });

  it('reads connections, hosts outside, the gateway, and callers without a sidecar', () => {
    const text = answer(
      series({ ...edge, __name__: 'istio_tcp_connections_opened_total', request_protocol: 'tcp' }, '1'),
      series(
        {
          ...edge,
          reporter: 'source',
          destination_service: 'api.stripe.com',
          destination_service_name: 'api.stripe.com',
          destination_service_namespace: 'unknown',
        },
        '2',
      ),
      series(
        {
          ...edge,
          source_workload: 'istio-ingressgateway',
          source_workload_namespace: 'istio-system',
          source_principal: 'spiffe://cluster.local/ns/istio-system/sa/istio-ingressgateway',
        },
        '3',
      ),
      series(
        {
          ...edge,
          source_workload: 'unknown',
          source_workload_namespace: 'unknown',
          source_principal: 'unknown',
        },
        '4',
      ),
      series({ ...edge, source_workload: 'quiet' }, '0'),
    );

    expect(callsIn(text).map((each) => each.slice(0, -' 2025-11-25T08:00:00.123Z'.length))).toEqual([
      'shop/frontend -> pay/ledger tcp 1',
      'shop/frontend -> api.stripe.com:80 http 2',
      'gateway -> pay/ledger http 3',
      'outside -> pay/ledger http 4',
    ]);
  });

  it.each<[string, string, RegExp]>([
    [
      'an error of Prometheus',
      '{"status":"error","data":{"result":[]},"error":"query timed out"}',
      /query timed out/,
    ],
    ['no JSON', '{"status": "success",\n "data": oops}', /no JSON/],
    ['something else', '{"hello": "world"}', /no file with calls that is known/],
    ['nothing', '', /no JSON/],
  ])('refuses %s', (_, text, message) => {
    const read = readGraph(text, 'graph.json');

    expect(read.ok).toBe(false);
    expect(read.problems[0]).toMatchObject({
      message,
      file: 'graph.json',
      severity: 'error',
      line: expect.any(Number) as number,
    });
  });

  it('a series without a number is left out, and said', () => {
    const read = readGraph(answer(series(edge, '1'), { metric: edge, value: [1] }), 'graph.json');

    expect(read.ok && read.value.calls).toHaveLength(1);
    expect(read.problems.map(({ message }) => message)).toEqual([
      'data.result[1] has no number as its value, and was skipped.',
    ]);
  });
});

describe('the service graph of OpenTelemetry', () => {
  const metric = (client: string, server: string, more = {}) => ({
    metric: { __name__: 'traces_service_graph_request_total', client, server, connection_type: '', ...more },
    value: [1764057600, '7'],
  });
  const answer = (...result: readonly object[]) =>
    JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });

  it('finds the namespace of a name that one service has, or takes the one recorded', () => {
    const text = answer(
      metric('frontend', 'ledger'),
      metric('night-job', 'ledger', { client_k8s_namespace_name: 'batch' }),
      metric('frontend', 'api.stripe.com'),
      metric('user', 'frontend'),
    );

    expect(callsIn(text).map((each) => each.split(' 7 ')[0])).toEqual([
      'shop/frontend -> pay/ledger',
      'batch/night-job -> pay/ledger',
      'shop/frontend -> api.stripe.com:443',
      'outside -> shop/frontend',
    ]);
  });

  it('says which names it cannot place', () => {
    const read = readGraph(answer(metric('mystery', 'ledger')), 'graph.json');
    const calls = read.ok ? read.value.calls : [];

    expect(callsOf(calls, directory, gateway, 'opentelemetry', 'graph.json').problems[0]?.message).toContain(
      '"mystery" has no namespace',
    );
  });
});

describe('the graph of Kiali', () => {
  const node = (id: string, data: object) => ({ data: { id, cluster: 'Kubernetes', ...data } });
  const edge = (source: string, target: string, traffic: object, more = {}) => ({
    data: { id: `${source}${target}`, source, target, traffic, ...more },
  });
  const graph = {
    timestamp: 1764057600,
    duration: 60,
    graphType: 'workload',
    elements: {
      nodes: [
        node('a', { nodeType: 'workload', namespace: 'shop', workload: 'frontend', app: 'frontend' }),
        node('b', { nodeType: 'service', namespace: 'shop', service: 'cart' }),
        node('c', { nodeType: 'workload', namespace: 'shop', workload: 'cart', app: 'cart' }),
        node('d', {
          nodeType: 'workload',
          namespace: 'pay',
          workload: 'ledger-v2',
          app: 'ledger',
          destServices: [{ cluster: 'Kubernetes', namespace: 'pay', name: 'ledger' }],
        }),
        node('e', {
          nodeType: 'service',
          namespace: 'shop',
          service: 'stripe',
          isServiceEntry: { location: 'MESH_EXTERNAL', hosts: ['api.stripe.com'] },
        }),
        node('f', { nodeType: 'unknown', namespace: 'unknown', workload: 'unknown' }),
      ],
      edges: [
        edge('a', 'b', { protocol: 'http', rates: { http: '2.50', httpPercentReq: '50' } }),
        edge('b', 'c', { protocol: 'http', rates: { http: '2.50' } }),
        edge('a', 'd', { protocol: 'grpc', rates: { grpc: '1.00' } }),
        edge('a', 'e', { protocol: 'tcp', rates: { tcp: '120.00' } }),
        edge('f', 'd', { protocol: 'http', rates: { http: '0.01' } }),
        edge('a', 'x', { protocol: 'http', rates: { http: '1' } }),
      ],
    },
  };

  it('reads workloads and services, not what goes from a Service to its pods', () => {
    expect(
      callsIn(JSON.stringify(graph)).map((each) => each.replace(' 2025-11-25T08:00:00.000Z', '')),
    ).toEqual([
      'shop/frontend -> shop/cart http 150',
      'shop/frontend -> pay/ledger http 60',
      'shop/frontend -> api.stripe.com:443 tcp 7200',
      'outside -> pay/ledger http 1',
    ]);
  });

  it('says which edge has no ends', () => {
    expect(readGraph(JSON.stringify(graph), 'graph.json').problems[0]?.message).toBe(
      'elements.edges[5] connects nodes that are not in the graph, and was skipped.',
    );
  });
});

describe('flows of Hubble', () => {
  const flow = (more: object) =>
    JSON.stringify({
      flow: {
        time: '2025-11-25T08:00:00.5Z',
        verdict: 'FORWARDED',
        l4: { TCP: { source_port: 40000, destination_port: 8080, flags: { SYN: true } } },
        source: {
          namespace: 'shop',
          labels: ['k8s:app=frontend', 'k8s:io.cilium.k8s.policy.serviceaccount=frontend'],
          pod_name: 'frontend-7d4b9-x',
          workloads: [{ name: 'frontend', kind: 'Deployment' }],
        },
        destination: { namespace: 'pay', labels: ['k8s:app=ledger'], pod_name: 'ledger-5c-y' },
        Type: 'L3_L4',
        is_reply: false,
        ...more,
      },
      node_name: 'node-1',
      time: '2025-11-25T08:00:00.5Z',
    });
  const world = {
    destination: { identity: 2, labels: ['reserved:world'] },
    destination_names: ['api.stripe.com'],
  };

  it('counts connections by edge; answers, drops and UDP are none', () => {
    const text = [
      flow({}),
      flow({ time: '2025-11-25T09:00:00Z' }),
      flow({ is_reply: true }),
      flow({ verdict: 'DROPPED' }),
      flow({ l4: { UDP: { destination_port: 53 } } }),
      flow({ ...world, l4: { TCP: { destination_port: 443 } } }),
      flow({ source: { identity: 2, labels: ['reserved:world'] } }),
    ].join('\n');

    expect(callsIn(`${text}\n`)).toEqual([
      'shop/frontend -> pay/ledger 2 2025-11-25T09:00:00.000Z',
      'shop/frontend -> api.stripe.com:443 1 2025-11-25T08:00:00.500Z',
      'outside -> pay/ledger 1 2025-11-25T08:00:00.500Z',
    ]);
  });

  it('takes method and path where Cilium saw them', () => {
    const read = readGraph(
      flow({ l7: { type: 'REQUEST', http: { method: 'GET', url: 'http://ledger.pay:8080/v1/items?q=1' } } }),
      'flows.json',
    );

    expect(read.ok && read.value.calls[0]).toMatchObject({
      method: 'GET',
      path: '/v1/items',
      protocol: 'http',
    });
  });

  it('says which line is none', () => {
    const read = readGraph(`${flow({})}\n{"flow": {"verdict": \n${flow({})}`, 'flows.json');

    expect(read.ok && read.value.calls).toMatchObject([{ count: 2 }]);
    expect(read.problems).toMatchObject([{ line: 2, message: 'This line is not JSON and was skipped.' }]);
  });
});

describe('hostile files', () => {
  const deep = '['.repeat(100_000);
  const names = '../../etc/passwd\u0000\u001b[31m';

  it.each([
    ['nesting without end', deep],
    ['a list', '[1,2]'],
    ['null', 'null'],
    [
      'prototype names',
      '{"status":"success","data":{"result":[{"metric":{"__proto__":{"x":1},"client":"constructor","server":"__proto__"},"value":[0,"1"]}]}}',
    ],
    [
      'names that are none',
      JSON.stringify({
        status: 'success',
        data: {
          result: [
            {
              metric: {
                destination_service: names,
                source_workload: names,
                source_workload_namespace: names,
              },
              value: [1e300, '1'],
            },
          ],
        },
      }),
    ],
    ['nodes that are no nodes', '{"elements":{"nodes":[1,null],"edges":[2,{"data":{"source":1}}]}}'],
    [
      'flows that are none',
      '{"flow":{"source":{},"destination":7,"l4":{"TCP":{"destination_port":"x"}}}}\n{"flow":[]}',
    ],
  ])('%s neither throws nor gives a call', (_, text) => {
    const read = readGraph(text, 'graph.json');

    expect(read.ok ? callsOf(read.value.calls, directory, gateway, 'kiali', 'graph.json').calls : []).toEqual(
      [],
    );
  });

  it('tells the first problems and counts the rest', () => {
    const result = Array.from({ length: 100 }, () => ({ metric: { client: 'a', server: 'b' } }));
    const { problems } = readGraph(JSON.stringify({ status: 'success', data: { result } }), 'graph.json');

    expect(problems).toHaveLength(21);
    expect(problems.at(-1)?.message).toBe('80 more entries could not be read.');
  });
});

describe('one graph of all sources', () => {
  const declared = callOf('shop/frontend -> pay/ledger:8080', {
    evidence: [{ source: 'declared', file: 'fleet.yaml' }],
  });
  const seen = callOf('shop/frontend -> pay/ledger', {
    protocol: 'http',
    evidence: [{ source: 'kiali', file: 'graph.json', count: 3 }],
  });

  it('a call seen without a port is evidence for the one that has it', () => {
    const merged = mergeCalls([seen], [declared]);

    expect(merged).toHaveLength(1);
    expect(merged[0]).toMatchObject({ protocol: 'http', to: { port: 8080 } });
    expect(merged[0]?.evidence.map(({ source }) => source)).toEqual(['declared', 'kiali']);
  });

  it('requests of several paths stand for any', () => {
    const merged = mergeCalls([{ ...declared, path: '/a' }], [{ ...declared, path: '/b' }]);

    expect(merged[0]?.path).toBeUndefined();
  });
});

describe('envoy', () => {
  it('an answer that failed is an error', () => {
    const failed =
      '{"status":"error","data":{"result":[{"metric":{"authz_dry_run_action":"allow","authz_dry_run_result":"denied"}}]}}';
    expect(readGraph(failed, 'graph.json').problems.map(({ rule }) => rule)).toEqual(['graph-answer-failed']);
  });
});
