import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

function sources(): readonly { readonly path: string; readonly text: string }[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ path: `src/${name}`, text: readFileSync(join(root, 'src', name), 'utf8') }));
}

/** Every `git.text([…])` and `git.start([…])` of a file, by its subcommand; '?' for one that can't be told. */
function gitCalls(path: string, text: string): readonly string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const lists = new Map<string, ts.ArrayLiteralExpression>();
  const calls: string[] = [];
  const look = (node: ts.Node): void => {
    if (
      ts.isVariableDeclaration(node) &&
      ts.isIdentifier(node.name) &&
      node.initializer !== undefined &&
      ts.isArrayLiteralExpression(node.initializer)
    )
      lists.set(node.name.text, node.initializer);
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { expression, name } = node.expression;
      const isGit = /(?:^|[.#])git$/i.test(expression.getText(file));
      if (isGit && (name.text === 'text' || name.text === 'start'))
        calls.push(subcommand(node.arguments[0], lists));
    }
    ts.forEachChild(node, look);
  };
  look(file);
  return calls.map((call) => `\`${call}\` (${basename(path, '.ts')})`);
}

function subcommand(
  argument: ts.Expression | undefined,
  lists: ReadonlyMap<string, ts.ArrayLiteralExpression>,
): string {
  const list = argument !== undefined && ts.isIdentifier(argument) ? lists.get(argument.text) : argument;
  const first = list !== undefined && ts.isArrayLiteralExpression(list) ? list.elements[0] : undefined;
  return first !== undefined && ts.isStringLiteral(first) ? first.text : '?';
}

const rows = readFileSync(join(root, 'docs/SECURITY.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, call = '', , , credentials = ''] = line.split('|').map((cell) => cell.trim());
    return /^`[a-z-]+` \([a-z-]+\)$/.test(call) ? [{ call, credentials }] : [];
  });

describe('docs/SECURITY.md', () => {
  it('lists every call of git, and no other', () => {
    const calls = sources().flatMap(({ path, text }) => gitCalls(path, text));

    expect([...new Set(calls)].sort()).toEqual(rows.map(({ call }) => call).sort());
  });

  it('says of the calls that reach a remote, and of no other, that they get credentials', () => {
    const told = rows.filter(({ credentials }) => credentials === 'yes').map(({ call }) => call);
    const text = readFileSync(join(root, 'src/adapters/git-run.ts'), 'utf8');
    const [, networked = ''] = /const networked = new Set\(\[([^\]]*)\]\)/.exec(text) ?? [];

    expect(told.map((call) => /`(.*)`/.exec(call)?.[1]).sort()).toEqual(
      [...networked.matchAll(/'([a-z-]+)'/g)].map(([, name]) => name).sort(),
    );
  });

  it('is right that a git which lives on is given neither credentials nor a way to a remote', () => {
    const text = readFileSync(join(root, 'src/adapters/git-run.ts'), 'utf8');
    const [, start = ''] = /\n {2}start\(([\s\S]*?)\n {2}\}\n/.exec(text) ?? [];

    expect(start).toContain("GIT_ALLOW_PROTOCOL: 'none', GIT_NO_LAZY_FETCH: '1'");
    expect(start).toContain('this.#environment(undefined, [])');
  });

  it('is right that two files start programs', () => {
    const starters = sources().filter(({ text }) =>
      /from '(?:simple-git|(?:node:)?(?:child_process|cluster|worker_threads))'|import\('(?:simple-git|(?:node:)?child_process)'\)/.test(
        text,
      ),
    );

    expect(starters.map(({ path }) => path)).toEqual(['src/adapters/git-run.ts', 'src/adapters/helm.ts']);
  });
});

it('a call that is not listed, or can not be told, is found', () => {
  expect(
    gitCalls(
      'src/a.ts',
      "await this.#git.text(['gc', '--auto']); git.start(['cat-file']); git.text(unknown)",
    ),
  ).toEqual(['`gc` (a)', '`cat-file` (a)', '`?` (a)']);
});
