import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { YamlEdit } from '../../src/model/edit.ts';
import { isList, valueAt, type JsonValue, type YamlPath } from '../../src/model/json.ts';
import { applyToValue, editYaml } from '../../src/yaml/edit.ts';
import { readYaml } from '../../src/yaml/read.ts';
import { anyChange, anyDocument, anyLook, printed } from '../merge/documents.ts';
import { runs } from '../sampling.ts';

function valueOf(text: string): JsonValue {
  const read = readYaml(text, 'file.yaml');
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value.documents[0]?.value ?? null;
}

/** The path with list items by number in place of their names. */
function numbered(value: JsonValue, path: readonly string[]): YamlPath {
  const steps: (string | number)[] = [];
  for (const key of path) {
    const at = valueAt(value, ...steps);
    if (!isList(at)) steps.push(key);
    else steps.push(at.findIndex((item) => item === key || valueAt(item, 'name') === key));
  }
  return steps;
}

it('changes no line of an oddly written document but those of the edited entry', () => {
  let refused = 0;
  let tried = 0;
  fc.assert(
    fc.property(
      anyDocument.chain((document) =>
        fc.record({ document: fc.constant(document), change: anyChange(document), look: anyLook }),
      ),
      ({ document, change, look }) => {
        const text = printed(document, look);
        const value = valueOf(text);
        const path = numbered(value, change.path);
        if (path.includes(-1)) return;
        const edit: YamlEdit =
          change.op === 'delete' ? { op: 'delete', path } : { op: 'set', path, value: change.source };
        const edited = editYaml(text, 'file.yaml', 0, [edit]);
        tried++;
        if (!edited.ok) {
          refused++;
          expect(edited.problems.map(({ rule }) => rule)).toEqual(['yaml-cannot-edit']);
          return;
        }
        expect(valueOf(edited.value)).toEqual(applyToValue(value, [edit]));
        // What is gone or new must be one run of lines: everything above and below is as it was.
        const [before, after] = [text.split('\n'), edited.value.split('\n')];
        const top = before.findIndex((line, index) => line !== after[index]);
        if (top < 0) return;
        let bottom = 0;
        while (before.length - bottom > top && before.at(-1 - bottom) === after.at(-1 - bottom)) bottom++;
        const gone = before.slice(top, before.length - bottom);
        expect(gone.length).toBeLessThanOrEqual(linesAt(text, path));
      },
    ),
    { numRuns: runs(3000, 500) },
  );
  expect(refused / tried).toBeLessThan(0.05);
});

/** How many lines the entry at a path takes, its key's among them. */
function linesAt(text: string, path: YamlPath): number {
  const read = readYaml(text, 'file.yaml');
  if (!read.ok) return 0;
  const value = valueAt(read.value.documents[0]?.value, ...path);
  const lines = JSON.stringify(value, undefined, 1).split('\n').length;
  // A block scalar or a folded text takes a line for each of its own; comments and blank lines stand between entries.
  return (lines + (typeof value === 'string' ? value.split('\n').length : 0)) * 3 + 2;
}
