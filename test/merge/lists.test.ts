import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align } from '../../src/merge/align.ts';
import { canonical } from '../../src/model/canonical.ts';
import { mergeYaml } from '../../src/merge/merge.ts';
import { sameValue } from '../../src/model/same-value.ts';
import { isList, isObject, valueAt, type JsonValue } from '../../src/model/json.ts';
import type { Merged } from '../../src/model/merge.ts';
import { readYaml } from '../../src/yaml/read.ts';

const numRuns = Number(process.env.MERGE_RUNS ?? 30);

interface Rule {
  readonly caller: string;
  readonly ports: readonly number[];
}

/** A policy that says each rule as a person or a template would. */
function policy(rules: readonly Rule[]): string {
  const head = [
    'apiVersion: security.istio.io/v1',
    'kind: AuthorizationPolicy',
    'metadata: {name: web, namespace: shop}',
    'spec:',
    '  action: ALLOW',
  ];
  const lines = rules.flatMap(({ caller, ports }) => [
    '    - from:',
    '        - source:',
    '            principals:',
    `              - cluster.local/ns/${caller}/sa/app`,
    '      to:',
    '        - operation:',
    '            ports:',
    ...ports.map((port) => `              - "${String(port)}"`),
  ]);
  return [...head, ...(rules.length === 0 ? ['  rules: []'] : ['  rules:', ...lines]), ''].join('\n');
}

function rulesOf(text: string): readonly string[] {
  const read = readYaml(text, 'policy.yaml');
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const rules = valueAt(read.value.documents[0]?.value ?? null, 'spec', 'rules');
  return isList(rules) ? rules.map(canonical) : [];
}

function merge(base: string, ours: string, theirs: string): Merged {
  const merged = mergeYaml({ base, ours, theirs }, 'policy.yaml');
  if (!merged.ok) throw new Error(JSON.stringify(merged.problems));
  return merged.value;
}

/** What a side does to a list: every element goes, changes or stays; some come. */
interface Edits {
  readonly gone: ReadonlySet<number>;
  readonly changed: ReadonlySet<number>;
  readonly added: readonly Rule[];
  readonly at: number;
}

const anyEdits = (length: number, name: string): fc.Arbitrary<Edits> => {
  const places = fc.uniqueArray(fc.nat({ max: Math.max(0, length - 1) }), { maxLength: 8 });
  return fc
    .record({ gone: places, changed: places, count: fc.nat({ max: 6 }), at: fc.nat({ max: length }) })
    .map(({ gone, changed, count, at }) => ({
      gone: new Set(gone),
      changed: new Set(changed.filter((each) => !gone.includes(each))),
      added: Array.from({ length: count }, (_, index) => ({ caller: `${name}${String(index)}`, ports: [1] })),
      at,
    }));
};

const edited = (rules: readonly Rule[], { gone, changed, added, at }: Edits, port: number): readonly Rule[] =>
  [...rules.slice(0, at), ...added, ...rules.slice(at)].flatMap((rule) => {
    const index = rules.indexOf(rule);
    if (gone.has(index)) return [];
    return changed.has(index) ? [{ ...rule, ports: [...rule.ports, port] }] : [rule];
  });

const anyLists = fc
  .oneof(fc.nat({ max: 8 }), fc.integer({ min: 60, max: 70 }), fc.nat({ max: 500 }))
  .chain((length) =>
    fc.record({
      rules: fc.constant(
        Array.from({ length }, (_, index): Rule => ({
          caller: `n${String(index)}`,
          ports: [8080 + (index % 3)],
        })),
      ),
      user: anyEdits(length, 'user'),
      template: anyEdits(length, 'template'),
    }),
  );

describe('a policy of any length', { timeout: 120_000 + numRuns * 20_000 }, () => {
  it('keeps out who either side removed and lets in who either side added', () => {
    fc.assert(
      fc.property(anyLists, ({ rules, user, template }) => {
        const [ours, theirs] = [edited(rules, user, 1000), edited(rules, template, 1000)];
        const { text, conflicts } = merge(policy(rules), policy(ours), policy(theirs));
        const disputed = (index: number) =>
          (user.gone.has(index) && template.changed.has(index)) ||
          (template.gone.has(index) && user.changed.has(index));
        const expected = [
          ...rules.flatMap((rule, index) => {
            const isChanged = user.changed.has(index) || template.changed.has(index);
            const isGone = user.gone.has(index) || (template.gone.has(index) && !user.changed.has(index));
            return isGone ? [] : [isChanged ? { ...rule, ports: [...rule.ports, 1000] } : rule];
          }),
          ...user.added,
          ...template.added,
        ];
        expect([...rulesOf(text)].sort()).toEqual([...rulesOf(policy(expected))].sort());
        expect(conflicts).toHaveLength(rules.filter((_, index) => disputed(index)).length);
      }),
      { numRuns },
    );
  });

  it('obeys the laws: one side alone is taken, the same change twice is one, and both orders mean the same', () => {
    fc.assert(
      fc.property(anyLists, ({ rules, user, template }) => {
        const [base, ours, theirs] = [
          rules,
          edited(rules, user, 1000),
          edited([...rules].reverse(), { ...template, gone: new Set(), changed: new Set() }, 1000),
        ].map(policy);
        if (base === undefined || ours === undefined || theirs === undefined) throw new Error('three sides');
        const loose = (text: string) => text.replaceAll('"', "'");
        const meaning = (text: string) => [...rulesOf(text)].sort();
        expect(rulesOf(merge(base, loose(base), theirs).text)).toEqual(rulesOf(theirs));
        expect(rulesOf(merge(base, ours, loose(base)).text)).toEqual(rulesOf(ours));
        const twice = merge(base, ours, loose(ours));
        expect([rulesOf(twice.text), twice.conflicts]).toEqual([rulesOf(ours), []]);
        const [one, other] = [merge(base, ours, theirs), merge(base, theirs, ours)];
        expect(meaning(one.text)).toEqual(meaning(other.text));
      }),
      { numRuns },
    );
  });

  it('is a conflict that keeps ours where thousands of rules are others on both sides', () => {
    const many = (name: string) => {
      const rules = Array.from({ length: 2100 }, (_, index) => `    - {from: [${name}${String(index)}]}`);
      return `kind: AuthorizationPolicy\nspec:\n  rules:\n${rules.join('\n')}\n`;
    };
    const [base, ours, theirs] = [many('a'), many('b'), many('c')];

    const { text, conflicts } = merge(base, ours, theirs);

    expect(text).toBe(ours);
    expect(conflicts.map(({ path }) => path)).toEqual([['spec', 'rules']]);
    const reformatted = base.replaceAll('[', '[ ');
    expect(rulesOf(merge(base, reformatted, theirs).text)).toEqual(rulesOf(theirs));
  });
});

/** The rows as their definition has them, at any cost: equal elements in order, then the most alike. */
function plainRows(base: readonly JsonValue[], side: readonly JsonValue[]): readonly (number | undefined)[] {
  const found: (number | undefined)[] = base.map(() => undefined);
  const isFree = (index: number) => !found.includes(index);
  for (const [at, value] of base.entries()) {
    const index = side.findIndex((each, place) => isFree(place) && sameValue(each, value));
    if (index >= 0) found[at] = index;
  }
  const scores = base.flatMap((value, at) =>
    found[at] === undefined
      ? side.flatMap((each, index) => (isFree(index) ? [{ at, index, score: share(value, each) }] : []))
      : [],
  );
  for (const { at, index, score } of scores.sort(
    (a, b) => b.score - a.score || a.at - b.at || a.index - b.index,
  ))
    if (score >= 0.5 && found[at] === undefined && isFree(index)) found[at] = index;
  return found;
}

function share(one: JsonValue, other: JsonValue): number {
  const leaves = (value: JsonValue) =>
    isObject(value) ? Object.entries(value).map(([key, each]) => `${key}=${JSON.stringify(each)}`) : [];
  const [left, right] = [leaves(one), leaves(other)];
  return left.filter((leaf) => right.includes(leaf)).length / Math.max(left.length, right.length, 1);
}

const anyElement = fc.record(
  { a: fc.nat({ max: 400 }), b: fc.nat({ max: 3 }), c: fc.nat({ max: 40 }) },
  { requiredKeys: ['a'] },
);

describe('elements without a key', { timeout: 120_000 + numRuns * 20_000 }, () => {
  it('are found again in a long list as their definition says', () => {
    const lists = fc.oneof(fc.nat({ max: 12 }), fc.integer({ min: 50, max: 300 })).chain((length) =>
      fc.record({
        base: fc.array(anyElement, { minLength: length, maxLength: length, size: 'max' }),
        ours: fc.array(anyElement, { minLength: length, maxLength: length + 5, size: 'max' }),
        kept: fc.array(fc.boolean(), { minLength: length, maxLength: length, size: 'max' }),
      }),
    );
    fc.assert(
      fc.property(lists, ({ base, ours, kept }) => {
        const mine = ours.map((value, index) => (kept[index] === true ? (base[index] ?? value) : value));
        const side = (values: readonly JsonValue[]) => ({ values, keys: values.map(() => undefined) });
        const rows = align(side(base), side(mine), side([]), { threshold: 0.5, renamed: 0.7 });
        const found = rows?.filter((row) => row.base !== undefined).map((row) => row.ours);
        expect(found).toEqual(plainRows(base, mine));
      }),
      { numRuns },
    );
  });
});
