import { describe, expect, it } from 'vitest';
import { Directory } from '../../src/traffic/directory.ts';
import { readGraph } from '../../src/traffic/read-graph.ts';
import { judgeShadow } from '../../src/traffic/shadow.ts';
import { inventoryOf } from '../mesh/manifests.ts';
import { app } from './world.ts';

const directory = new Directory([], inventoryOf(app('shop/cart')));

describe('envoy: what policies in dry-run would have refused', () => {
  const counters = (...result: readonly object[]) =>
    JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
  const counter = (outcome: string, values: readonly (readonly [number, string])[], name = 'cart') => ({
    metric: {
      __name__: 'envoy_http_inbound_0_0_0_0_8080_rbac',
      authz_dry_run_action: 'allow',
      authz_dry_run_result: outcome,
      kubernetes_namespace: 'shop',
      kubernetes_pod_name: `${name}-74fb669cc6-95qm8`,
    },
    values,
  });
  const judged = (text: string) => {
    const read = readGraph(text, 'graph.json');
    if (!read.ok) return read.problems.map(({ rule }) => rule);
    const { clean, problems } = judgeShadow(read.value.shadow, directory, 'graph.json');
    const found = clean.map(({ namespace, service, allowed, from, until }) =>
      [`${namespace}/${service}`, allowed, from.slice(0, 10), until.slice(0, 10)].join(' '),
    );
    return [...found, ...[...read.problems, ...problems].map(({ rule }) => rule)];
  };
  const day = 86400;
  const start = 1764057600;

  it.each<[string, string, readonly string[]]>([
    [
      'traffic of which nothing is refused is stated, with the time',
      counters(
        counter('allowed', [
          [start, '3'],
          [start + day, '10'],
        ]),
      ),
      ['shop/cart 7 2025-11-25 2025-11-26'],
    ],
    [
      'a counter that begins again when the pod restarts is summed',
      counters(
        counter('allowed', [
          [start, '90'],
          [start + day, '100'],
          [start + 2 * day, '4'],
        ]),
      ),
      ['shop/cart 14 2025-11-25 2025-11-27'],
    ],
    [
      'a refusal is reported, and nothing is stated',
      counters(
        counter('allowed', [
          [start, '0'],
          [start + day, '10'],
        ]),
        counter('denied', [
          [start, '0'],
          [start + day, '1'],
        ]),
      ),
      ['dry-run-refuses'],
    ],
    [
      'old refusals, before the time that is looked at, do not count',
      counters(
        counter('allowed', [
          [start, '0'],
          [start + day, '10'],
        ]),
        counter('denied', [
          [start, '5'],
          [start + day, '5'],
        ]),
      ),
      ['shop/cart 10 2025-11-25 2025-11-26'],
    ],
    [
      'a time without traffic shows nothing',
      counters(
        counter('allowed', [
          [start, '7'],
          [start + day, '7'],
        ]),
      ),
      ['dry-run-without-traffic'],
    ],
    [
      'a single value says nothing of a time',
      counters({ ...counter('allowed', []), value: [start, '7'] }),
      ['graph-entry-unreadable'],
    ],
    [
      'samples that are no numbers, negative, or out of order are skipped, and told',
      counters(
        counter('allowed', [
          [start, 'x'],
          [start + day, '7'],
        ]),
        counter('allowed', [
          [start, '-1'],
          [start + day, '7'],
        ]),
        counter('allowed', [
          [start + day, '1'],
          [start, '7'],
        ]),
      ),
      ['graph-entry-unreadable', 'graph-entry-unreadable', 'graph-entry-unreadable'],
    ],
    [
      'a name without extracted tags',
      counters({
        metric: {
          __name__: 'envoy_http_inbound_0_0_0_0_80_rbac_istio_dry_run_allow__shadow_denied',
          namespace: 'shop',
          pod: 'cart-0',
        },
        values: [
          [start, '1'],
          [start + day, '2'],
        ],
      }),
      ['dry-run-refuses'],
    ],
  ])('%s', (_, text, expected) => {
    expect(judged(text)).toEqual(expected);
  });
});
