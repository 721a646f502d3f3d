import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { pageFaults } from './pages.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const isThere = (path: string) => existsSync(join(root, path));

function readPages(): ReadonlyMap<string, string> {
  const own = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'templates/CHANGELOG.md'];
  const below = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name.replaceAll('\\', '/')}`);
  return new Map([...own, ...below].map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

it('every link of the documentation leads somewhere, and nothing is left to fill in', () => {
  expect(pageFaults(readPages(), isThere)).toEqual([]);
});

it.each([
  [
    'a file that does not exist',
    'See [it](GONE.md).',
    /^docs\/A\.md:1 links to GONE\.md, which does not exist\.$/,
  ],
  [
    'a heading that does not exist',
    '[it](B.md#gone)',
    /^docs\/A\.md:1 links to B\.md#gone, but docs\/B\.md has no such/,
  ],
  [
    'a heading of its own that does not exist',
    '# One\n\n[it](#two)',
    /^docs\/A\.md:3 links to #two, but docs\/A\.md/,
  ],
  ['a link that is listed below the text', '[it]: ../GONE.md', /^docs\/A\.md:1 links to \.\.\/GONE\.md/],
  ['a word that stands for a part', '| SLICE_TABLE | | |', /^docs\/A\.md:1 says SLICE_TABLE: fill it in/],
  ['a note to the author', 'Costs TBD.', /^docs\/A\.md:1 says TBD/],
  ['a row with a name and no values', '| all |  |  |', /^docs\/A\.md:1 has a row without values/],
  ['a row with nothing in it', '| | |', /^docs\/A\.md:1 has a row without values/],
])('%s is reported with its line', (_, text, said) => {
  const pages = new Map([
    ['docs/A.md', text],
    ['docs/B.md', '# There\n'],
  ]);

  const faults = pageFaults(pages, () => false);

  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(said);
});

it('leaves alone what is code, what is elsewhere, and headings as GitHub names them', () => {
  const text = [
    '# `meshwright lint`: what, and "why"?',
    '## Twice',
    '## Twice',
    '[one](#meshwright-lint-what-and-why) [two](#twice-1) [three](https://example.com/GONE.md)',
    'Set `GITHUB_TOKEN` or ``a `TODO` b``; ISTIO\\_MUTUAL is a mode.',
    '    export MESHWRIGHT_SEED=1',
    '```',
    '[gone](GONE.md) TODO | |',
    '```',
    '| one | | three |',
    '| --- | --- | --- |',
  ].join('\n');

  expect(pageFaults(new Map([['docs/A.md', text]]), () => false)).toEqual([]);
});
