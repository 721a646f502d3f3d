// Counts the attacks that tests try, by area: the rows of tables as vitest lists them, and the tests of files that are not
// tables. Prints the table of docs/SECURITY.md; with --write, puts it there.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Who writes what, what it could cause at worst, and the files that try it: of tables, how their rows begin. */
const areas = [
  [
    'texts in names, values and comments',
    'a terminal, a runner, a reviewer or an issue is steered',
    ['attacks/texts.ts'],
  ],
  [
    'manifests and kustomizations',
    'one repository stops or leaves the run, or something of it runs',
    ['attacks/repositories.ts', 'lint/hostile.test.ts', 'lint/bounds.test.ts', 'traffic/hostile.test.ts'],
  ],
  [
    'repositories, branches and clones',
    'git runs what is in them, or foreign commits pass for ours',
    [
      'adapters/hostile-repository.test.ts',
      'adapters/branch-content.test.ts',
      'adapters/damaged-clone.test.ts',
      'adapters/git-trees.test.ts',
      'adapters/object-reader.test.ts',
    ],
  ],
  [
    'comments, checks, locks',
    'a gate opens that is closed',
    ['waves/attestation.test.ts', 'commands/gates-hold.test.ts'],
  ],
  [
    'answers of the API',
    'the token goes elsewhere, or half of the work is done',
    ['adapters/github-client.test.ts', 'adapters/github-fetch.test.ts'],
  ],
  [
    'proxies and certificates',
    'someone in between is believed, or the person is not told',
    ['e2e/network.test.ts'],
  ],
  ['charts', 'a program of a repository runs', ['adapters/helm.test.ts']],
  ['regular expressions', 'a text takes minutes', ['architecture/regexes.test.ts']],
  [
    'disks, pipes, environments, signals',
    'half of a bundle is written, or a refusal passes for a bug',
    ['attacks/machine.ts', 'adapters/files.test.ts', 'e2e/kill.test.ts'],
  ],
  [
    'other processes, other users',
    'work is lost or done twice, or what others left is believed',
    ['e2e/at-once.test.ts', 'adapters/whole-file.test.ts', 'adapters/ownership.test.ts'],
  ],
  ['secrets in output', 'a token is printed', ['adapters/redact.test.ts', 'e2e/credentials.test.ts']],
];

function countIn(file) {
  const text = readFileSync(join(root, 'test', file), 'utf8');
  if (file === 'attacks/texts.ts') return rowsOfTexts(text);
  if (file.startsWith('attacks/')) return (text.match(/^\s+(?:\{ )?name:/gm) ?? []).length - 1;
  if (file === 'e2e/network.test.ts') return (text.match(/^\s+(?:\{ )?name: '/gm) ?? []).length;
  return (text.match(/^\s*(?:it|test)(?:\.each)?\b/gm) ?? []).length;
}

/** Each text counts for each place that it is tried in. */
function rowsOfTexts(text) {
  const places = { everywhere: 8, seen: 7 };
  return [...text.matchAll(/^ {2}\[\s*'[^\n]*?(?:(everywhere|seen)|\[((?:'\w+'(?:, )?)+)\])\],?$/gm)].reduce(
    (sum, [, name, list]) => sum + (name === undefined ? list.split(',').length : places[name]),
    0,
  );
}

function tableOf() {
  let total = 0;
  const rows = areas.map(([what, worst, files]) => {
    const count = files.reduce((sum, file) => sum + countIn(file), 0);
    total += count;
    return `| ${what} | ${worst} | ${count} | ${files.map((file) => `\`${file}\``).join(', ')} |`;
  });
  return [
    '| written by others | at worst | attacks | tried in |',
    '| --- | --- | --: | --- |',
    ...rows,
    `| all | | ${total} | |`,
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = join(root, 'docs/SECURITY.md');
  if (process.argv.includes('--write')) {
    const text = readFileSync(page, 'utf8');
    writeFileSync(
      page,
      text.replace(
        /(<!-- attacks -->)[^]*?(<!-- \/attacks -->)/,
        (_, from, to) => `${from}\n\n${tableOf()}\n\n${to}`,
      ),
    );
  } else console.log(tableOf());
}
