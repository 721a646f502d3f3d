import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { mergeYaml } from '../../src/merge/merge.ts';
import { isList, isObject, type JsonValue, type YamlPath } from '../../src/model/json.ts';
import type { Merged, MergeInput } from '../../src/model/merge.ts';
import { canonical } from '../../src/model/canonical.ts';
import { readYaml } from '../../src/yaml/read.ts';
import { runs } from '../sampling.ts';
import { manifests } from './manifests.ts';

/** What one side does at a place; `mark` is a word that nothing else holds. */
interface Edit {
  readonly op: 'set' | 'delete' | 'add';
  readonly path: YamlPath;
  readonly mark: string;
}

function merge(input: MergeInput): Merged {
  const merged = mergeYaml(input, 'file.yaml', 'people');
  if (!merged.ok) throw new Error(`${JSON.stringify(merged.problems)}\n${input.ours}\n${input.theirs}`);
  return merged.value;
}

function valueOf(text: string): JsonValue {
  const read = readYaml(text, 'file.yaml');
  if (!read.ok) throw new Error(`${JSON.stringify(read.problems)}\n${text}`);
  return read.value.documents[0]?.value ?? null;
}

function placesOf(at: JsonValue, path: YamlPath = []): readonly YamlPath[] {
  const below = isList(at)
    ? at.map((item, index) => [index, item] as const)
    : isObject(at)
      ? Object.entries(at)
      : [];
  return [
    ...(path.length > 0 ? [path] : []),
    ...below.flatMap(([step, item]) => placesOf(item, [...path, step])),
  ];
}

/** Apart from what tells one object from another. */
const isBody = ([top]: YamlPath) => top !== 'apiVersion' && top !== 'kind' && top !== 'metadata';

/** Nobody takes the kind or the name from an object that refers to another one: it would be no longer valid. */
const isLegal = ({ op, path }: Edit) => op !== 'delete' || !['kind', 'name'].includes(String(path.at(-1)));

const anyEdit = (value: JsonValue, side: string): fc.Arbitrary<Edit> =>
  fc
    .record({
      op: fc.constantFrom('set', 'set', 'delete', 'add'),
      path: fc.constantFrom(...placesOf(value).filter(isBody)),
      mark: fc.integer({ min: 0, max: 1_000_000 }).map((number) => `${side}${String(number)}`),
    })
    .filter(isLegal);

const twoSides = fc.constantFrom(...manifests).chain((text) => {
  const value = valueOf(text);
  const edits = (side: string) => fc.array(anyEdit(value, side), { minLength: 1, maxLength: 2 });
  return fc.record({ text: fc.constant(text), ours: edits('qo'), theirs: edits('qt') });
});

/** The value with an edit; as it was where the place is gone. */
function edited(at: JsonValue, { op, path, mark }: Edit): JsonValue {
  const [step, ...rest] = path;
  if (step === undefined) return at;
  const isThere = isList(at) ? Number(step) < at.length : isObject(at) && Object.hasOwn(at, String(step));
  if (!isThere) return at;
  if (isList(at)) {
    const index = Number(step);
    const item = at[index] ?? null;
    if (rest.length > 0)
      return at.map((each, place) => (place === index ? edited(each, { op, path: rest, mark }) : each));
    if (op === 'delete') return at.length === 1 ? at : at.filter((_, place) => place !== index);
    const marked = withMark(item, mark);
    return op === 'add'
      ? [...at.slice(0, index + 1), marked, ...at.slice(index + 1)]
      : at.map((each, place) => (place === index ? marked : each));
  }
  if (!isObject(at)) return at;
  const key = String(step);
  const item = at[key] ?? null;
  if (rest.length > 0) return { ...at, [key]: edited(item, { op, path: rest, mark }) };
  if (op === 'delete') {
    if (Object.keys(at).length === 1) return at;
    const { [key]: _, ...others } = at;
    return others;
  }
  return op === 'add' ? { ...at, [mark]: 'added' } : { ...at, [key]: withMark(item, mark) };
}

/** The value with the mark in place of its first scalar. */
function withMark(value: JsonValue, mark: string): JsonValue {
  if (isList(value)) return value.map((item, index) => (index === 0 ? withMark(item, mark) : item));
  if (!isObject(value)) return mark;
  const [first] = Object.keys(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === first ? withMark(item, mark) : item]),
  );
}

/** From the end of the document, so that no edit moves the place of the next. */
const lastFirst = (edits: readonly Edit[]) =>
  [...edits].sort((one, other) => {
    const at = one.path.findIndex((step, index) => step !== other.path[index]);
    const [here, there] = [one.path[at], other.path[at]];
    return typeof here === 'number' && typeof there === 'number' ? there - here : 0;
  });

const isAtOnePlace = (one: Edit, other: Edit) => {
  const length = Math.min(one.path.length, other.path.length);
  const isInside = one.path.slice(0, length).join('.') === other.path.slice(0, length).join('.');
  return isInside || (elementOf(one) !== '' && elementOf(one) === elementOf(other));
};

/** The element of a list that an edit changes; empty: none. */
const elementOf = ({ path }: Edit) =>
  path.slice(0, path.findLastIndex((step) => typeof step === 'number') + 1).join('.');

const textOf = (value: JsonValue | undefined) => stringify(value, { aliasDuplicateObjects: false });

const count = (text: string, mark: string) => text.split(new RegExp(`\\b${mark}\\b`)).length - 1;

/** How often each `path=scalar` is there. */
function leaves(value: JsonValue): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const walk = (at: JsonValue, path: string): void => {
    if (isList(at)) for (const item of at) walk(item, `${path}[]`);
    else if (isObject(at)) for (const [key, item] of Object.entries(at)) walk(item, `${path}.${key}`);
    else found.set(`${path}=${JSON.stringify(at)}`, (found.get(`${path}=${JSON.stringify(at)}`) ?? 0) + 1);
  };
  walk(value, '');
  return found;
}

/** A value in which the order of lists says nothing. */
function unordered(value: JsonValue): JsonValue {
  if (isList(value))
    return value
      .map((item) => unordered(item))
      .sort((one, other) => (canonical(one) < canonical(other) ? -1 : 1));
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unordered(item)]));
  return value;
}

describe('marked edits of real kinds of manifests', () => {
  it('are each in the result once, or named by a conflict, and mean the same whichever side is ours', () => {
    fc.assert(
      fc.property(twoSides, ({ text, ours: mine, theirs: other }) => {
        const base = valueOf(text);
        const [here, there] = [mine, other].map((edits) => lastFirst(edits).reduce(edited, base));
        const input = { base: text, ours: textOf(here), theirs: textOf(there) };
        const merged = merge(input);
        const result = valueOf(merged.text);
        const said = JSON.stringify(merged.conflicts);
        const shown = JSON.stringify(result);
        for (const [edits, side] of [
          [mine, here],
          [other, there],
        ] as const)
          for (const { mark } of edits) {
            const times = count(JSON.stringify(side), mark);
            if (times === 0) continue;
            const now = count(shown, mark);
            const place = `${mark} of\n${input.ours}\n---\n${input.theirs}\n---\n${merged.text}\n${said}`;
            if (now === 0) expect(said, `lost: ${place}`).toMatch(new RegExp(`\\b${mark}\\b`));
            expect(now, `doubled: ${place}`).toBeLessThanOrEqual(times);
          }
        const swapped = merge({ ...input, ours: input.theirs, theirs: input.ours });
        const both = `${input.ours}\n---\n${input.theirs}\n--- merged\n${merged.text}\n${said}\n--- swapped\n${swapped.text}`;
        expect(swapped.conflicts.length > 0, both).toBe(merged.conflicts.length > 0);
        if (merged.conflicts.length > 0) return;
        expect(canonical(unordered(valueOf(swapped.text))), both).toBe(canonical(unordered(result)));
        // What one side makes another element of is gone under its old name only, whatever the other side does to it.
        if (mine.some((one) => other.some((each) => isAtOnePlace(one, each)))) return;
        const [was, ...sides] = [base, here ?? null, there ?? null].map(leaves);
        const now = leaves(result);
        for (const leaf of new Set([was, ...sides].flatMap((each) => [...(each?.keys() ?? [])]))) {
          const [b = 0, o = 0, t = 0] = [was, ...sides].map((each) => each?.get(leaf) ?? 0);
          const isTakenTwice = o !== b && t !== b;
          if (!isTakenTwice) expect(now.get(leaf) ?? 0, `${leaf} in\n${both}`).toBe(o + t - b);
        }
      }),
      { numRuns: runs(8000, 300) },
    );
  });
});
