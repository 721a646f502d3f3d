import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const environment = {
  PATH: process.env.PATH,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Person',
  GIT_AUTHOR_EMAIL: 'person@acme.example',
  GIT_COMMITTER_NAME: 'Person',
  GIT_COMMITTER_EMAIL: 'person@acme.example',
};

export function git(directory: string, ...args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd: directory,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Makes `<forge>/acme/shop.git` with one commit of these files on main.
 *  @returns its folder */
export function bareRepository(folder: string, files: Readonly<Record<string, string>>): string {
  const [bare, checkout] = [join(folder, 'forge/acme/shop.git'), join(folder, 'checkout')];
  mkdirSync(bare, { recursive: true });
  mkdirSync(checkout, { recursive: true });
  git(bare, 'init', '--quiet', '--bare', '--initial-branch=main');
  git(checkout, 'init', '--quiet', '--initial-branch=main');
  commitTo(checkout, files);
  git(checkout, 'remote', 'add', 'origin', bare);
  git(checkout, 'push', '--quiet', 'origin', 'main');
  return bare;
}

export function commitTo(checkout: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    writeFileSync(join(checkout, path), text);
  }
  git(checkout, 'add', '--all');
  git(checkout, 'commit', '--quiet', '--message', 'by a person');
}
