import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { mergeYaml } from '../../src/merge/merge.ts';
import { isList, isObject, stringAt, type JsonObject, type JsonValue } from '../../src/model/json.ts';
import { sameValue } from '../../src/model/same-value.ts';
import { documentValues } from '../../src/yaml/documents.ts';
import { versions } from './harness/api-server.ts';
import { runs, seed } from '../sampling.ts';

const binary = fileURLToPath(
  new URL(`../../.cache/judges/three-way-${versions.kubernetes}/three-way`, import.meta.url),
);
const cases = runs(4000, 1000);

const word = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const text = fc.stringMatching(/^[a-z]{1,5}$/);
const labels = fc.dictionary(word, text, { maxKeys: 3 });
const unique = <T extends { readonly name: string }>(items: readonly T[]) => [
  ...new Map(items.map((item) => [item.name, item])).values(),
];
const env = fc
  .array(fc.record({ name: word, value: text }), { minLength: 1, maxLength: 3 })
  .map((items) => unique(items));
const container = fc.record(
  {
    name: word,
    image: text,
    env,
    args: fc.array(text, { maxLength: 2 }),
    resources: fc.record({
      limits: fc.dictionary(fc.constantFrom('cpu', 'memory'), fc.constantFrom('1', '2')),
    }),
  },
  { requiredKeys: ['name', 'image'] },
);
const deployment = fc
  .record({
    labels,
    annotations: labels,
    containers: fc.array(container, { minLength: 1, maxLength: 3 }),
    replicas: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ labels: own, annotations, containers, replicas }): JsonObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', labels: own, annotations },
    spec: { replicas, template: { spec: { containers: unique(containers) } } },
  }));
/** An Istio object: Kubernetes merges its maps and takes its lists whole. */
const rule = fc
  .record({
    labels,
    annotations: labels,
    host: text,
    pool: fc.dictionary(word, fc.integer({ max: 9 })),
    tls: labels,
  })
  .map(({ labels: own, annotations, host, pool, tls }): JsonObject => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'web', labels: own, annotations },
    spec: { host, trafficPolicy: { connectionPool: pool, tls } },
  }));

/** What the template makes of a value: parts of another one in its place. */
function mixed(one: JsonValue, other: JsonValue, choices: readonly boolean[], at = { index: 0 }): JsonValue {
  const isOther = () => choices[at.index++ % choices.length] === true;
  if (isObject(one) && isObject(other)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return Object.fromEntries(
      keys.flatMap((key): [string, JsonValue][] => {
        const [here, there] = [one[key], other[key]];
        if (here !== undefined && there !== undefined) return [[key, mixed(here, there, choices, at)]];
        const value = isOther() ? there : here;
        return value === undefined ? [] : [[key, value]];
      }),
    );
  }
  return isOther() ? other : one;
}

/** What people add to an object and never take away: labels, annotations, fields, environment. */
function added(value: JsonValue, extra: JsonValue): JsonValue {
  if (isObject(value) && isObject(extra)) {
    const keys = [...new Set([...Object.keys(value), ...Object.keys(extra)])];
    return Object.fromEntries(
      keys.map((key) => {
        const [here, there] = [value[key], extra[key]];
        if (here === undefined || there === undefined) return [key, here ?? there ?? null];
        return [key, added(here, there)];
      }),
    );
  }
  if (isList(value) && isList(extra) && value.some(isObject)) {
    const names = new Set(value.map((item) => stringAt(item, 'name')));
    return [...value, ...extra.filter((item) => !names.has(stringAt(item, 'name')))];
  }
  return value;
}

const sides = fc
  .tuple(fc.constantFrom(deployment, rule), fc.array(fc.boolean(), { minLength: 7, maxLength: 23 }))
  .chain(([kind, choices]) =>
    fc.tuple(kind, kind, kind).map(([original, next, extra]) => ({
      original,
      modified: mixed(original, next, choices) as JsonObject,
      current: added(original, extra) as JsonObject,
    })),
  );

interface Answer {
  readonly result?: JsonValue;
  readonly conflict?: boolean;
  readonly error?: string;
}

/** Elements with names in an order of their own, which strategic merges do not keep; empty maps and lists left out. */
function canonical(value: JsonValue): JsonValue {
  if (isObject(value)) {
    const entries = Object.entries(value)
      .map(([key, member]) => [key, canonical(member)] as const)
      .filter(([, member]) => JSON.stringify(member) !== '{}' && JSON.stringify(member) !== '[]');
    return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
  }
  if (!isList(value)) return value;
  const items = value.map(canonical);
  const name = (item: JsonValue) => stringAt(item, 'name') ?? '';
  return items.some(isObject) ? items.sort((one, other) => (name(one) < name(other) ? -1 : 1)) : items;
}

it(`means what Kubernetes' own three-way patches give, in ${String(cases)} cases without a conflict`, () => {
  const drawn = fc.sample(sides, { numRuns: cases, seed });
  const input = drawn
    .map((each) => JSON.stringify({ kind: stringAt(each.original, 'kind'), ...each }))
    .join('\n');
  const { stdout, status, stderr } = spawnSync(binary, { input, encoding: 'utf8', maxBuffer: 1024 ** 3 });
  expect([status, stderr]).toEqual([0, '']);
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
  expect(answers.filter(({ error }) => error !== undefined)).toEqual([]);

  let compared = 0;
  let easy = 0;
  for (const [index, { original, modified, current }] of drawn.entries()) {
    const answer = answers[index];
    const merged = mergeYaml(
      { base: stringify(original), ours: stringify(current), theirs: stringify(modified) },
      'file.yaml',
    );
    if (!merged.ok) throw new Error(JSON.stringify(merged.problems));
    if (answer?.result === undefined || merged.value.conflicts.length > 0) continue;
    compared++;
    if (sameValue(answer.result, current) || sameValue(answer.result, modified)) easy++;
    expect(canonical(documentValues(merged.value.text)[0] ?? null)).toEqual(canonical(answer.result));
  }
  expect(compared).toBeGreaterThan(cases / 2);
  // Both sides must have changed something in most of them, or this proves little.
  expect(easy).toBeLessThan(compared / 2);
});
