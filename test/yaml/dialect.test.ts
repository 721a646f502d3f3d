import { describe, expect, it } from 'vitest';
import { editYaml } from '../../src/yaml/edit.ts';
import { readYaml } from '../../src/yaml/read.ts';

describe('quoted text that goes on less deeply indented than the letter of YAML allows', () => {
  const text = `spec:
  description: 'The first line
  of it''s text'
  args: ["
    echo \\"one\\";
    echo two
  "]
  last: here
`;

  it('reads as Kubernetes reads it', () => {
    const read = readYaml(text, 'a.yaml');

    expect(read.ok && read.value.documents[0]?.value).toEqual({
      spec: {
        description: "The first line of it's text",
        args: [' echo "one"; echo two '],
        last: 'here',
      },
    });
  });

  it('keeps every place', () => {
    const read = readYaml(text, 'a.yaml');
    const document = read.ok ? read.value.documents[0] : undefined;

    expect(document?.rangeOf(['spec', 'last'])).toEqual({ line: 8, column: 9, endLine: 8, endColumn: 13 });
    expect(document?.rangeOf(['spec', 'description'])).toMatchObject({ line: 2, endLine: 3 });
  });

  it('can be edited around', () => {
    const edited = editYaml(text, 'a.yaml', 0, [{ op: 'set', path: ['spec', 'last'], value: 'there' }]);

    expect(edited.ok && edited.value).toBe(text.replace('last: here', 'last: there'));
  });

  it('is a mistake where a quote is missing indeed', () => {
    expect(readYaml('a: "open\nb: c\n', 'a.yaml').ok).toBe(false);
    expect(readYaml('a: "open\n---\nb: "c"\n', 'a.yaml').ok).toBe(false);
  });
});

it('a carriage return alone ends a line', () => {
  const read = readYaml('a: 1\rb:\r  c: 2\r', 'a.yaml');

  expect(read.ok && read.value.documents[0]?.value).toEqual({ a: 1, b: { c: 2 } });
  expect(read.ok && read.value.documents[0]?.placeOf(['b', 'c'])).toEqual({ line: 3, column: 6 });
});

it('an address that ends in colons is a text, in a list as well', () => {
  const read = readYaml('a: [192.0.2.7, 2001:db8::, fd00:: ]\nb: [{ c: }, d: ]\n', 'a.yaml');

  expect(read.ok && read.value.documents[0]?.value).toEqual({
    a: ['192.0.2.7', '2001:db8::', 'fd00::'],
    b: [{ c: null }, { d: null }],
  });
});
