import { describe, expect, it } from 'vitest';
import type { YamlEdit } from '../../src/model/edit.ts';
import { editYaml } from '../../src/yaml/edit.ts';

function edit(text: string, ...edits: YamlEdit[]): string {
  return editDocument(text, 0, ...edits);
}

function editDocument(text: string, document: number, ...edits: YamlEdit[]): string {
  const edited = editYaml(text, 'file.yaml', document, edits);
  if (!edited.ok) throw new Error(JSON.stringify(edited.problems));
  return edited.value;
}

const append = (...path: (string | number)[]): YamlEdit => ({ op: 'append', path, value: 'new.yaml' });
const set = (value: string | number | null, ...path: (string | number)[]): YamlEdit => ({
  op: 'set',
  path,
  value,
});
const remove = (...path: (string | number)[]): YamlEdit => ({ op: 'delete', path });

describe('adding an item to a list', () => {
  it.each([
    ['indented', 'resources:\n  - a.yaml\n', 'resources:\n  - a.yaml\n  - new.yaml\n'],
    ['not indented', 'resources:\n- a.yaml\n', 'resources:\n- a.yaml\n- new.yaml\n'],
    ['indented by four', 'resources:\n    - a.yaml\n', 'resources:\n    - a.yaml\n    - new.yaml\n'],
    [
      'in the middle of a file',
      'resources:\n- a\nnamespace: x\n',
      'resources:\n- a\n- new.yaml\nnamespace: x\n',
    ],
    [
      'before a blank line',
      'resources:\n- a\n\nnamespace: x\n',
      'resources:\n- a\n- new.yaml\n\nnamespace: x\n',
    ],
    ['with a comment behind the last item', 'resources:\n- a # why\n', 'resources:\n- a # why\n- new.yaml\n'],
    [
      'with comments between items',
      'resources:\n# one\n- a\n# two\n- b\n',
      'resources:\n# one\n- a\n# two\n- b\n- new.yaml\n',
    ],
    [
      'followed by a comment of the next key',
      'resources:\n- a\n# next\nx: 1\n',
      'resources:\n- a\n- new.yaml\n# next\nx: 1\n',
    ],
    ['without a final newline', 'resources:\n- a', 'resources:\n- a\n- new.yaml'],
    ['with CRLF', 'resources:\r\n- a\r\nx: 1\r\n', 'resources:\r\n- a\r\n- new.yaml\r\nx: 1\r\n'],
    ['with CRLF and no final newline', 'resources:\r\n- a', 'resources:\r\n- a\r\n- new.yaml'],
    ['with a byte order mark', '\ufeffresources:\n- a\n', '\ufeffresources:\n- a\n- new.yaml\n'],
    ['in flow style', 'resources: [a, b]\n', 'resources: [a, b, new.yaml]\n'],
    ['in flow style with spaces', 'resources: [ a, b ]\n', 'resources: [ a, b, new.yaml ]\n'],
    ['in flow style with a comma at the end', 'resources: [a, b,]\n', 'resources: [a, b, new.yaml,]\n'],
    [
      'in flow style over lines',
      'resources: [\n  a, # one\n  b # two\n]\n',
      'resources: [\n  a, # one\n  b, # two\n  new.yaml\n]\n',
    ],
    [
      'in flow style over lines with commas',
      'resources: [\n  a,\n  b,\n]\n',
      'resources: [\n  a,\n  b,\n  new.yaml,\n]\n',
    ],
    ['that is empty', 'resources: []\nx: 1\n', 'resources:\n  - new.yaml\nx: 1\n'],
    ['that is empty, with a comment', 'resources: [] # none yet\n', 'resources: # none yet\n  - new.yaml\n'],
    ['that is not written', 'resources:\nx: 1\n', 'resources:\n  - new.yaml\nx: 1\n'],
    [
      'below a comment that belongs to the last item',
      'resources:\n- a.yaml\n  # until May\nx: 1\n',
      'resources:\n- a.yaml\n  # until May\n- new.yaml\nx: 1\n',
    ],
    ['that is null', 'resources: ~\n', 'resources:\n  - new.yaml\n'],
    ['that is missing', 'x: 1\n', 'x: 1\nresources:\n  - new.yaml\n'],
    [
      'that is missing, below a comment of the last map',
      'y:\n  a: 1\n  # z\n',
      'y:\n  a: 1\n  # z\nresources:\n  - new.yaml\n',
    ],
    ['that is missing, where lists are not indented', 'y:\n- 1\n', 'y:\n- 1\nresources:\n- new.yaml\n'],
    ['behind quoted keys', '"resources":\n- \'a\'\n', '"resources":\n- \'a\'\n- new.yaml\n'],
    ['whose last item is a map', 'resources:\n- a: 1\n  b: 2\n', 'resources:\n- a: 1\n  b: 2\n- new.yaml\n'],
    [
      'whose last item is a block scalar',
      'resources:\n- |\n  a\n  b\nx: 1\n',
      'resources:\n- |\n  a\n  b\n- new.yaml\nx: 1\n',
    ],
    [
      'with a very long line',
      `resources:\n- ${'x'.repeat(5000)}\n`,
      `resources:\n- ${'x'.repeat(5000)}\n- new.yaml\n`,
    ],
    [
      'with Unicode before it',
      'name: 𝕏é漢 # ✓\nresources:\n- a\n',
      'name: 𝕏é漢 # ✓\nresources:\n- a\n- new.yaml\n',
    ],
    ['in a document with markers', '---\nresources:\n- a\n...\n', '---\nresources:\n- a\n- new.yaml\n...\n'],
    [
      'with an anchor elsewhere',
      'base: &b [1]\nuse: *b\nresources:\n- a\n',
      'base: &b [1]\nuse: *b\nresources:\n- a\n- new.yaml\n',
    ],
  ])('%s', (_, before, after) => {
    expect(edit(before, append('resources'))).toBe(after);
  });

  it('of one document leaves its twin beside it alone', () => {
    const twin = 'resources:\n- a\n';

    expect(editDocument(`${twin}---\n${twin}`, 1, append('resources'))).toBe(
      `${twin}---\n${twin}- new.yaml\n`,
    );
    expect(editDocument(`${twin}---\n${twin}`, 0, append('resources'))).toBe(
      `${twin}- new.yaml\n---\n${twin}`,
    );
  });
});

describe('setting a value', () => {
  it.each([
    ['keeps double quotes', 'a: "x" # why\n', 'a: "new" # why\n'],
    ['keeps single quotes', "a: 'x'\n", "a: 'new'\n"],
    ['keeps a comment', 'a: x   # why\n', 'a: new   # why\n'],
    ['fills an empty value', 'a:\nb: 1\n', 'a: new\nb: 1\n'],
    ['fills an empty value before a comment', 'a: # why\nb: 1\n', 'a: new # why\nb: 1\n'],
    ['replaces a block scalar', 'a: |\n  x\n  x\nb: 1\n', 'a: new\nb: 1\n'],
    ['replaces a map', 'a:\n  x: 1\n  z: 2\nb: 1\n', 'a: new\nb: 1\n'],
    ['in flow style', '{a: x, b: 1}\n', '{a: new, b: 1}\n'],
    ['adds a key at the end of a map', 'b: 1\n# last\n', 'b: 1\na: new\n# last\n'],
    ['adds a key in flow style', '{b: 1}\n', '{b: 1, a: new}\n'],
    ['is nothing when it is there', "a:   'new' # kept\n", "a:   'new' # kept\n"],
  ])('%s', (_, before, after) => {
    expect(edit(before, set('new', 'a'))).toBe(after);
  });

  it.each([
    ['makes the maps on the way', 'x: 1\n', 'x: 1\na:\n  b:\n    c: new\n'],
    ['with the indentation of the file', 'x:\n    z: 1\n', 'x:\n    z: 1\na:\n    b:\n        c: new\n'],
    ['below an empty map', 'a: {}\n', 'a:\n  b:\n    c: new\n'],
    ['in a flow map', 'a: {b: {d: 1}}\n', 'a: {b: {d: 1, c: new}}\n'],
    ['below a key without a value', 'a:\n  b:\n  d: 1\n', 'a:\n  b:\n    c: new\n  d: 1\n'],
  ])('deeper %s', (_, before, after) => {
    expect(edit(before, set('new', 'a', 'b', 'c'))).toBe(after);
  });

  it('quotes what would be read as something else', () => {
    expect(edit('a: x\n', set('yes', 'a'))).toBe('a: "yes"\n');
    expect(edit('a: x\n', set('8080', 'a'))).toBe('a: "8080"\n');
    expect(edit('a: x\n', set(8080, 'a'))).toBe('a: 8080\n');
    expect(edit('a: x\n', set('b: c\nd', 'a'))).toBe('a: "b: c\\nd"\n');
  });
});

describe('removing an entry', () => {
  it.each([
    ['takes its line and its comment', 'a: 1 # why\nb: 2\n', 'b: 2\n'],
    ['keeps comments above it', '# top\na: 1\nb: 2\n', '# top\nb: 2\n'],
    ['takes all lines of its value', 'a:\n  x:\n    - 1\nb: 2\n', 'b: 2\n'],
    ['at the end of a file without a newline', 'b: 2\na: 1', 'b: 2'],
    ['with CRLF', 'b: 2\r\na: 1\r\nc: 3\r\n', 'b: 2\r\nc: 3\r\n'],
    ['first in a flow map', '{a: 1, b: 2}\n', '{b: 2}\n'],
    ['last in a flow map', '{b: 2, a: 1}\n', '{b: 2}\n'],
  ])('%s', (_, before, after) => {
    expect(edit(before, remove('a'))).toBe(after);
  });

  it.each([
    ['behind a dash lets the next key move up', 'l:\n- a: 1\n  b: 2\n', 'l:\n- b: 2\n', ['l', 0, 'a']],
    ['of a list', 'l:\n- a\n- b # x\n- c\n', 'l:\n- a\n- c\n', ['l', 1]],
    ['of a list in flow style', 'l: [a, b, c]\n', 'l: [a, c]\n', ['l', 1]],
    ['that is the last leaves an empty map', 'a:\n  b: 1\nc: 2\n', 'a: {}\nc: 2\n', ['a', 'b']],
  ] as const)('%s', (_, before, after, path) => {
    expect(edit(before, { op: 'delete', path })).toBe(after);
  });

  it('takes the maps that become empty when asked to', () => {
    const before = 'metadata:\n  name: x\n  annotations:\n    a: 1\nspec: {}\n';

    expect(edit(before, { op: 'delete', path: ['metadata', 'annotations', 'a'], pruneEmpty: true })).toBe(
      'metadata:\n  name: x\nspec: {}\n',
    );
  });
});

describe('what cannot be changed by itself is refused, with its place:', () => {
  it.each<[string, string, YamlEdit, string]>([
    ['through an alias', 'a: &x {k: 1}\nb: *x\n', set('new', 'b', 'k'), 'yaml-cannot-edit 1:11'],
    ['an anchored value that others use', 'a: &x 1\nb: *x\n', set('new', 'a'), 'yaml-cannot-edit 1:7'],
    [
      'inside an anchored map that others use',
      'a: &x {k: 1}\nb: *x\n',
      set('new', 'a', 'k'),
      'yaml-cannot-edit 1:11',
    ],
    ['a tagged value', 'a: !vault x\n', set('new', 'a'), 'yaml-cannot-edit 1:11'],
    ['through a scalar', 'a: x\n', set('new', 'a', 'b'), 'yaml-cannot-edit 1:4'],
    [
      'a key that a merge brings',
      'a: &x {k: 1, l: 1}\nb:\n  <<: *x\n',
      remove('b', 'k'),
      'yaml-cannot-edit 3:3',
    ],
    ['an encrypted document', 'a: ENC[x]\nsops: {version: 3}\n', set('new', 'a'), 'yaml-sops 1:1'],
    ['a file that is no YAML', 'a: [\n', set('new', 'a'), 'yaml-syntax 2:1'],
    ['a template', 'a: {{ .x }}\n', set('new', 'a'), 'yaml-template 1:5'],
    ['a duplicate key', 'a: 1\na: 2\n', set('new', 'a'), 'yaml-duplicate-key 2:1'],
  ])('%s', (_, text, desired, said) => {
    const edited = editYaml(text, 'file.yaml', 0, [desired]);

    expect(
      edited.problems.map(({ rule, line, column }) => `${rule} ${String(line)}:${String(column)}`),
    ).toContain(said);
    expect(edited.ok).toBe(false);
  });
});
