import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../whitespace.mjs', import.meta.url));
const environment = {
  PATH: process.env.PATH ?? '',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-whitespace-'));
  git('init', '--quiet');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function git(...args: readonly string[]): void {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@acme.example'];
  execFileSync('git', [...identity, ...args], { cwd: folder, env: environment });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function commit(): void {
  git('add', '--all');
  git('commit', '--quiet', '--message', 'as it is');
}

function check(): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

describe('the check of whitespace', () => {
  const markers = ['<'.repeat(7) + ' HEAD', '='.repeat(7), '>'.repeat(7) + ' other'];

  it('finds nothing in a clean tree', () => {
    write('docs/a.md', '# Title\n\n======== eight\n\ntext\n');
    commit();

    expect(check()).toEqual({ status: 0, said: '' });
  });

  it.each(markers)('fails on a committed line %s, and says where', (marker) => {
    write('docs/a.md', `one\n${marker}\ntwo\n`);
    commit();

    expect(check()).toMatchObject({ status: 1, said: expect.stringContaining('docs/a.md:2: ') as string });
  });

  it.each([
    ['a blank at the end of a line', 'a: 1 \n'],
    ['a line break of Windows', 'a: 1\r\n'],
    ['a blank line at the end', 'a: 1\n\n'],
    ['a tab behind blanks', '  \ta: 1\n'],
  ])('fails on %s: committed, changed, staged or new', (_, text) => {
    write('.gitattributes', '* -text\n');
    write('kept.yaml', 'a: 1\n');
    commit();
    expect(check().status).toBe(0);

    write('kept.yaml', text);
    expect(check()).toMatchObject({ status: 1, said: expect.stringContaining('kept.yaml:') as string });
    git('add', '--all');
    expect(check().status).toBe(1);
    commit();
    expect(check().status).toBe(1);
    write('kept.yaml', 'a: 1\n');
    write('new file.yaml', text);
    expect(check()).toMatchObject({ status: 1, said: expect.stringContaining('new file.yaml:') as string });
  });

  it('leaves what .gitattributes declares, but for markers', () => {
    write(
      '.gitattributes',
      'windows.yaml -text whitespace=cr-at-eol\nsaid.txt -text whitespace=-blank-at-eol\n',
    );
    write('windows.yaml', 'a: 1\r\n');
    write('said.txt', 'b \n');
    commit();
    expect(check()).toEqual({ status: 0, said: '' });

    write('said.txt', `b \n${markers.join('\n')}\n`);
    expect(check()).toMatchObject({ status: 1, said: expect.stringContaining('said.txt:2: ') as string });
  });

  it('says that it checks nothing in an archive without its repository', () => {
    rmSync(join(folder, '.git'), { recursive: true });
    write('a.yaml', 'a: 1 \n');

    expect(check()).toEqual({
      status: 0,
      said: 'check:whitespace: this is not a git repository, so nothing is checked.\n',
    });
  });
});
