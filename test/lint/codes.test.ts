import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rules } from '../../src/lint/all-rules.ts';

const text = readFileSync(new URL('../../docs/LINT.md', import.meta.url), 'utf8');

/** All codes of Istio's messages.yaml, with those it has retired; the judges compare them with the file. */
const istioctl = numbers('IST', '0001-0002 0101-0177');
const kiali = numbers(
  'KIA',
  '0002-0005 0101-0102 0104-0110 0201-0212 0301-0302 0401 0501 0505-0506 0601-0602 0701 1004 1006-1007 1101-1102 1104-1117 1211-1212 1301 1311-1317 1401-1402 1501-1504 1601 1701-1702',
);

function numbers(prefix: string, ranges: string): readonly string[] {
  return ranges.split(' ').flatMap((range) => {
    const [first = '', last = first] = range.split('-');
    return Array.from(
      { length: Number(last) - Number(first) + 1 },
      (_, index) => `${prefix}${String(Number(first) + index).padStart(4, '0')}`,
    );
  });
}

function section(title: string): string {
  return text.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
}

function rulesIn(markdown: string): readonly string[] {
  return [...markdown.matchAll(/\[([\w-]+)\]\(rules\/\1\.md\)/g)].map(([, id = '']) => id);
}

function rowsOf(title: string): ReadonlyMap<string, string> {
  return new Map(
    [...section(title).matchAll(/^\| (\w{3}\d{4}) \| (.+) \|$/gm)].map(([, code = '', cell = '']) => [
      code,
      cell,
    ]),
  );
}

describe.each([
  ['istioctl', 'IST', istioctl],
  ['Kiali', 'KIA', kiali],
])('the table of %s', (title, prefix, codes) => {
  const rows = rowsOf(title);

  it('has a row for each of its codes, and for nothing else', () => {
    expect([...rows.keys()]).toEqual(codes);
  });

  it('names beside each code the rules that have it as an equivalent', () => {
    const named = [...rows].map(([code, cell]) => [code, ...rulesIn(cell)].join(' '));

    expect(named).toEqual(
      codes.map((code) =>
        [
          code,
          ...rules
            .filter((rule) => rule.equivalent.includes(code))
            .map(({ id }) => id)
            .sort(),
        ].join(' '),
      ),
    );
  });

  it('has all codes that rules name', () => {
    const used = rules.flatMap(({ equivalent }) => equivalent).filter((code) => code.startsWith(prefix));
    expect(used.filter((code) => !rows.has(code))).toEqual([]);
  });
});

it('lists every rule that neither of them has, and no other', () => {
  const own = rules.filter(({ equivalent }) => equivalent.length === 0).map(({ id }) => id);

  expect([...rulesIn(section('Beyond both'))].sort()).toEqual([...own].sort());
  expect(section('Beyond both')).toContain(`${String(own.length)} rules have no equivalent`);
});
