import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withChanges } from '../../src/model/snapshot.ts';
import { readYaml } from '../../src/yaml/read.ts';
import { plan } from './plan.ts';
import { Story } from './story.ts';
import { withHost } from './app.ts';
import { templates } from '../fakes/templates.ts';
import { runs } from '../sampling.ts';

const generated = new Story().files;
const manifests = [...generated.files.keys()].filter(
  (path) => /\.ya?ml$/.test(path) && !path.startsWith('.'),
);

/** What a hand does to a line of a manifest. */
const anyEdit = fc.record({
  path: fc.constantFrom(...manifests),
  line: fc.nat(200),
  op: fc.constantFrom(
    'note above',
    'note behind',
    'value',
    'delete',
    'blank',
    'CRLF',
    'no end',
    'remove file',
  ),
});
type Edit = typeof anyEdit extends fc.Arbitrary<infer T> ? T : never;

function edited(text: string, { line, op }: Edit, note: string): string | undefined {
  const lines = text.split('\n');
  const at = line % Math.max(1, lines.length - 1);
  const now = lines[at] ?? '';
  const indent = /^ */.exec(now)?.[0] ?? '';
  const [end] = /\r?$/.exec(now) ?? [''];
  if (op === 'remove file') return undefined;
  if (op === 'CRLF') return text.replace(/\r?\n/g, '\r\n');
  if (op === 'no end') return text.replace(/(\r?\n)+$/, '');
  if (op === 'note above') lines.splice(at, 0, `${indent}${note}${end}`);
  else if (op === 'blank') lines.splice(at, 0, end);
  else if (op === 'note behind') lines[at] = `${now.trimEnd()} ${note}${end}`;
  else if (op === 'delete') lines.splice(at, 1);
  else lines[at] = now.replace(/: [\w./-]+(?=\r?$)/, ': changed');
  return lines.join('\n');
}

const numRuns = runs(250, 60);

it('an upgrade after random edits either refuses with the place, or keeps them all and is done at once', () => {
  let upgraded = 0;
  fc.assert(
    fc.property(fc.array(anyEdit, { minLength: 1, maxLength: 5 }), (edits) => {
      let files = generated;
      for (const [index, edit] of edits.entries()) {
        const { path } = edit;
        const before = files.files.get(path);
        const after = before === undefined ? undefined : edited(before, edit, `# note ${String(index)}.`);
        // What does not parse is the business of other tests.
        if (after !== undefined && !readYaml(after, path).ok) continue;
        files = withChanges(files, [{ path, before, after }]);
      }
      const notesIn = (texts: ReadonlyMap<string, string>) =>
        [...texts]
          .flatMap(([path, text]) => (path.startsWith('.') ? [] : (text.match(/# note \d\./g) ?? [])))
          .sort();

      const bundle = plan(withHost(), files, templates);

      const errors = bundle.problems.filter(({ severity }) => severity === 'error');
      if (errors.length > 0) {
        expect(bundle.changes).toEqual([]);
        for (const { message, fix } of errors)
          expect([message.length > 0, fix !== undefined]).toEqual([true, true]);
        return;
      }
      upgraded++;
      const result = withChanges(files, bundle.changes);
      expect(notesIn(result.files)).toEqual(notesIn(files.files));
      for (const { path, after } of bundle.changes)
        if (after !== undefined) expect(readYaml(after, path).problems).toEqual([]);
      expect(plan(withHost(), result, templates).changes).toEqual([]);
    }),
    { numRuns },
  );
  expect(upgraded).toBeGreaterThan(numRuns / 5);
});
