import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, objectAt, type JsonObject, type JsonValue } from '../../src/model/json.ts';
import { mergePatchBetween } from '../../src/model/merge-patch.ts';

/** RFC 7386, as a server does it. */
function applied(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch;
  const result = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch))
    if (value === null) result.delete(key);
    else result.set(key, applied(result.get(key), value));
  return Object.fromEntries(result);
}

const text = fc.constantFrom('a', 'b', 'c');
const texts = fc.dictionary(text, fc.constantFrom('1', '2'), { maxKeys: 3 });
const maps = fc.option(fc.oneof(texts, fc.constant(null)), { nil: undefined });
const metadata = fc.record({ labels: maps, annotations: maps });
const objects = fc
  .record({
    metadata,
    spec: fc.record({
      policy: fc.option(fc.record({ mode: text, more: fc.option(texts, { nil: undefined }) }), {
        nil: undefined,
      }),
      template: fc.record({ metadata: fc.option(metadata, { nil: undefined }) }),
    }),
  })
  .map((object) => JSON.parse(JSON.stringify(object)) as JsonObject);

const shared = [
  ['metadata', 'labels'],
  ['metadata', 'annotations'],
  ['spec', 'template', 'metadata', 'labels'],
  ['spec', 'template', 'metadata', 'annotations'],
] as const;

describe('a merge patch', () => {
  it('makes of what is there what is wanted, and keeps every label and annotation of others', () => {
    fc.assert(
      fc.property(objects, objects, texts, (before, after, foreign) => {
        const others = Object.fromEntries(Object.entries(foreign).map(([key, value]) => [`x-${key}`, value]));
        const both = { labels: others, annotations: others };
        const live = applied(before, { metadata: both, spec: { template: { metadata: both } } });

        const result = applied(live, mergePatchBetween(before, after));

        for (const path of shared)
          expect(objectAt(result, ...path)).toEqual({ ...objectAt(after, ...path), ...others });
        expect(objectAt(result, 'spec').policy).toEqual(objectAt(after, 'spec').policy);
      }),
    );
  });

  it.each([
    [{ labels: { ours: 'x' } }, {}],
    [{ labels: { ours: 'x' } }, { labels: null }],
    [{ labels: { ours: 'x' } }, { labels: {} }],
  ] as const)('never nulls the map of labels: %j to %j', (before, after) => {
    expect(mergePatchBetween({ metadata: before }, { metadata: after })).toEqual({
      metadata: { labels: { ours: null } },
    });
  });

  it('nulls a message whole, since an empty tls would turn mTLS off', () => {
    expect(mergePatchBetween({ spec: { tls: { mode: 'X' }, a: 1 } }, { spec: { a: 1 } })).toEqual({
      spec: { tls: null },
    });
  });
});
