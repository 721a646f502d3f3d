import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeYaml } from '../../src/merge/merge.ts';
import type { Merged, MergeInput } from '../../src/model/merge.ts';
import { isObject, type JsonValue } from '../../src/model/json.ts';
import { commentsIn } from '../../src/yaml/comments.ts';
import { readYaml } from '../../src/yaml/read.ts';
import {
  anyChange,
  anyDocument,
  anyLook,
  changed,
  plainLook,
  printed,
  type Change,
  type Node,
} from './documents.ts';

const numRuns = Number(process.env.MERGE_RUNS ?? 2500);

function merge(input: MergeInput): Merged {
  const merged = mergeYaml(input, 'file.yaml');
  if (!merged.ok) throw new Error(`${JSON.stringify(merged.problems)}\n${JSON.stringify(input)}`);
  return merged.value;
}

function valueOf(text: string): JsonValue {
  const read = readYaml(text, 'file.yaml');
  if (!read.ok) throw new Error(`${JSON.stringify(read.problems)}\n${text}`);
  return read.value.documents[0]?.value ?? null;
}

const applied = (document: Node, changes: readonly Change[]): Node =>
  changes.reduce((at, change) => changed(at, change), document);

/** A document with some changes of a person and some of a template. */
const threeSides = anyDocument.chain((document) =>
  fc.record({
    document: fc.constant(document),
    user: fc.array(anyChange(document), { minLength: 1, maxLength: 4 }),
    template: fc.array(anyChange(document), { minLength: 1, maxLength: 4 }),
    look: anyLook,
  }),
);

const isPrefix = (one: readonly string[], other: readonly string[]) =>
  one.every((step, index) => other[index] === step);

/** Whether two changes have nothing to do with each other. Neighbours at the end of one collection have an order that
 *  nobody wrote down. */
function areApart(one: Change, other: Change): boolean {
  const parent = (change: Change) => change.path.slice(0, -1).join('.');
  const bothInOne =
    parent(one) === parent(other) &&
    (one.op === 'add' || other.op === 'add' || (one.op === 'delete' && other.op === 'delete'));
  return !isPrefix(one.path, other.path) && !isPrefix(other.path, one.path) && !bothInOne;
}

function flowAlong(at: Node, path: readonly string[]): boolean {
  if (at.kind === 'scalar') return false;
  if (at.flow) return true;
  const below = at.entries.find(({ key }) => key === path[0])?.node;
  return below !== undefined && flowAlong(below, path.slice(1));
}

describe('merge', { timeout: 60_000 + numRuns * 240 }, () => {
  it('takes the template where nobody changed anything, and ours where the template did not', () => {
    fc.assert(
      fc.property(threeSides, ({ document, user, template, look }) => {
        const base = printed(document, plainLook);
        const ours = printed(applied(document, user), look);
        const theirs = printed(applied(document, template), plainLook);
        expect(merge({ base, ours: base, theirs })).toEqual({ text: theirs, conflicts: [] });
        expect(merge({ base, ours, theirs: base })).toEqual({ text: ours, conflicts: [] });
        expect(merge({ base, ours, theirs: ours })).toEqual({ text: ours, conflicts: [] });
      }),
      { numRuns },
    );
  });

  it('puts changes of different places together, every other byte as people wrote it', () => {
    fc.assert(
      fc.property(threeSides, ({ document, user, template, look }) => {
        const theirs = template.filter((each) => user.every((other) => areApart(each, other)));
        const both = applied(applied(document, user), theirs);
        const input = {
          base: printed(document, plainLook),
          ours: printed(applied(document, user), look),
          theirs: printed(applied(document, theirs), plainLook),
        };
        const { text, conflicts } = merge(input);
        expect(conflicts).toEqual([]);
        expect(valueOf(text)).toEqual(valueOf(printed(both, look)));
        // A file of one line without its end does not say which line breaks it likes.
        const saysBreaks = !look.crlf || input.ours.includes('\n');
        if (saysBreaks && !theirs.some(({ path }) => flowAlong(document, path)))
          expect(text).toBe(printed(both, look));
      }),
      { numRuns },
    );
  });

  it('loses no edit and no comment of people, whatever the template does', () => {
    fc.assert(
      fc.property(threeSides, ({ document, user, template, look }) => {
        const input = {
          base: printed(document, plainLook),
          ours: printed(applied(document, user), look),
          theirs: printed(applied(document, template), plainLook),
        };
        const { text, conflicts } = merge(input);
        const known = commentsIn(input.base);
        const written = commentsIn(input.ours).filter((comment) => !known.includes(comment));
        expect(commentsIn(text)).toEqual(expect.arrayContaining(written));
        const [base, ours, theirs, result] = [input.base, input.ours, input.theirs, text].map(valueOf);
        for (const path of editedLeaves(base, ours)) {
          expect(at(result, path)).toEqual(at(ours, path));
          const isDisputed =
            JSON.stringify(at(theirs, path)) !== JSON.stringify(at(base, path)) &&
            JSON.stringify(at(theirs, path)) !== JSON.stringify(at(ours, path));
          if (isDisputed)
            expect(conflicts.some((conflict) => isPrefix(conflict.path.map(String), path))).toBe(true);
        }
      }),
      { numRuns },
    );
  });

  it('run again, changes nothing and finds the same conflicts', () => {
    fc.assert(
      fc.property(threeSides, ({ document, user, template, look }) => {
        const base = printed(document, plainLook);
        const theirs = printed(applied(document, template), plainLook);
        const once = merge({ base, ours: printed(applied(document, user), look), theirs });
        const twice = merge({ base, ours: once.text, theirs });
        expect(twice.text).toBe(once.text);
        expect(twice.conflicts).toEqual(once.conflicts);
        expect(merge({ base: theirs, ours: once.text, theirs })).toEqual({ text: once.text, conflicts: [] });
      }),
      { numRuns },
    );
  });
});

/** Paths through maps to what people set or deleted. */
function editedLeaves(
  base: JsonValue | undefined,
  ours: JsonValue | undefined,
): readonly (readonly string[])[] {
  if (!isObject(base) || !isObject(ours)) return [];
  return [...new Set([...Object.keys(base), ...Object.keys(ours)])].flatMap((key) => {
    const [one, other] = [base[key], ours[key]];
    if (isObject(one) && isObject(other)) return editedLeaves(one, other).map((path) => [key, ...path]);
    const isLeaf = typeof (other ?? one) !== 'object' || other === undefined;
    return isLeaf && JSON.stringify(one) !== JSON.stringify(other) ? [[key]] : [];
  });
}

function at(value: JsonValue | undefined, path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((each, key) => (isObject(each) ? each[key] : undefined), value);
}
