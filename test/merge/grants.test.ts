import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeYaml } from '../../src/merge/merge.ts';
import { listAt, valueAt, type JsonValue } from '../../src/model/json.ts';
import { documentValues } from '../../src/yaml/documents.ts';

const numRuns = Number(process.env.MERGE_RUNS ?? 1000);

interface Rule {
  readonly callers: readonly string[];
  readonly ports: readonly string[];
  readonly methods: readonly string[];
}

/** A policy as its template writes it, or in flow style as people may. */
function policy(rules: readonly Rule[], flow: boolean): string {
  const head = 'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p}\nspec:\n';
  const body = rules.map(({ callers, ports, methods }) => {
    const operation = { ports, ...(methods.length > 0 && { methods }) };
    const rule = { from: [{ source: { principals: callers } }], to: [{ operation }] };
    if (flow) return `    - ${JSON.stringify(rule)}\n`;
    const list = (items: readonly string[]) => items.map((item) => `              - "${item}"\n`).join('');
    const more = methods.length > 0 ? `            methods:\n${list(methods)}` : '';
    return `    - from:\n        - source:\n            principals:\n${list(callers)}      to:\n        - operation:\n            ports:\n${list(ports)}${more}`;
  });
  return rules.length === 0 ? `${head}  rules: []\n` : `${head}  rules:\n${body.join('')}`;
}

const members = (value: JsonValue | undefined, any: readonly string[]) =>
  Array.isArray(value) && value.length > 0 ? value.map(String) : any;
const everyone = ['a', 'b', 'c', 'd', 'e', 'f', 'anyone else'];
const everyPort = ['1', '2', '3', '4'];
const everyMethod = ['GET', 'PUT', 'POST', 'DELETE'];

/** `caller port method` of everything a policy allows: what is not there, or empty, limits nothing. */
function grantsOf(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const rule of listAt(documentValues(text)[0] ?? null, 'spec', 'rules')) {
    const [from, to] = [listAt(rule, 'from'), listAt(rule, 'to')];
    for (const source of from.length === 0 ? [null] : from)
      for (const target of to.length === 0 ? [null] : to)
        for (const caller of members(valueAt(source, 'source', 'principals'), everyone))
          for (const port of members(valueAt(target, 'operation', 'ports'), everyPort))
            for (const method of members(valueAt(target, 'operation', 'methods'), everyMethod))
              found.add(`${caller} ${port} ${method}`);
  }
  return found;
}

const some = (values: readonly string[], minLength: number) =>
  fc.subarray([...values], { minLength, maxLength: Math.min(3, values.length) });
const anyRule = fc.record({
  callers: some(everyone.slice(0, 6), 1),
  ports: some(everyPort.slice(0, 3), 1),
  methods: some(everyMethod.slice(0, 3), 0),
});

/** What a side makes of the rules: each stays, goes, or changes in one of its parts; one may come. */
const anySide = (rules: readonly Rule[]): fc.Arbitrary<readonly Rule[]> =>
  fc
    .tuple(
      fc.array(
        fc.record({
          what: fc.constantFrom('stay', 'stay', 'go', 'callers', 'ports', 'methods'),
          by: anyRule,
        }),
        {
          minLength: rules.length,
          maxLength: rules.length,
        },
      ),
      fc.option(anyRule, { nil: undefined }),
    )
    .map(([changes, more]) => [
      ...rules.flatMap((rule, index): readonly Rule[] => {
        const { what, by } = changes[index] ?? { what: 'stay', by: rule };
        if (what === 'go') return [];
        if (what === 'callers' || what === 'ports' || what === 'methods')
          return [{ ...rule, [what]: by[what] }];
        return [rule];
      }),
      ...(more === undefined ? [] : [more]),
    ]);

const sides = fc
  .array(anyRule, { maxLength: 4 })
  .chain((base) =>
    fc.record({ base: fc.constant(base), ours: anySide(base), theirs: anySide(base), flow: fc.boolean() }),
  );

describe('a merged policy', { timeout: 60_000 + numRuns * 240 }, () => {
  it('allows nothing that neither side allows', () => {
    fc.assert(
      fc.property(sides, ({ base, ours, theirs, flow }) => {
        const input = {
          base: policy(base, false),
          ours: policy(ours, flow),
          theirs: policy(theirs, false),
        };
        const merged = mergeYaml(input, 'policy.yaml');
        if (!merged.ok) throw new Error(JSON.stringify(merged.problems));
        const either = new Set([...grantsOf(input.ours), ...grantsOf(input.theirs)]);
        const extra = [...grantsOf(merged.value.text)].filter((grant) => !either.has(grant));
        expect(extra).toEqual([]);
      }),
      { numRuns },
    );
  });
});

describe('what people write and templates do not', () => {
  const merge = (base: string, ours: string, theirs: string, by: 'people' | 'templates' = 'people') => {
    const merged = mergeYaml({ base, ours, theirs }, 'file.yaml', by);
    if (!merged.ok) throw new Error(JSON.stringify(merged.problems));
    return { text: merged.value.text, conflicts: merged.value.conflicts.length };
  };

  it('loses no comment of either side in a merge of two people', () => {
    const base = 'kind: A\nlevel: info\nport: 80\n';
    const ours = base.replace('info', 'info # agreed in May');
    const theirs = base.replace('info', 'info # until June');

    expect(merge(base, ours, theirs)).toEqual({ text: ours, conflicts: 1 });
    expect(merge(base, ours, theirs, 'templates')).toEqual({ text: ours, conflicts: 0 });
    expect(merge(base, ours, base.replace('80', '80 # plain'))).toEqual({
      text: ours.replace('80', '80 # plain'),
      conflicts: 0,
    });
  });

  it('takes a file of comments only for one whose objects were removed', () => {
    const base = 'kind: A\nmetadata: {name: a}\nlevel: 1\n';
    const note = '# switched off in May\n';
    const other = '---\nkind: B\nmetadata: {name: b}\n';

    expect(merge(base, note, base)).toEqual({ text: note, conflicts: 0 });
    expect(merge(base, note, base.replace('1', '2'))).toEqual({ text: note, conflicts: 1 });
    expect(merge(base, note, base + other)).toEqual({ text: note + other, conflicts: 0 });
    expect(merge(base, `${base}# ours\n`, note)).toEqual({ text: `${base}# ours\n`, conflicts: 1 });
  });
});
