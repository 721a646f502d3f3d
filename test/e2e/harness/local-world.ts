import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { meshwright } from './cli.ts';

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));
const isolated = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

function git(directory: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@acme.example'];
  return execFileSync('git', [...identity, '-c', 'core.autocrlf=false', ...args], {
    cwd: directory,
    env: { ...process.env, ...isolated },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The examples, with their repositories on a local forge, in a folder that is copied for every run: what one run writes
 *  no other sees. */
export class LocalWorld {
  readonly #first = mkdtempSync(join(tmpdir(), 'meshwright-local-'));

  constructor() {
    const fleet = readFileSync(join(examples, 'fleet.yaml'), 'utf8');
    writeFileSync(join(this.#first, 'fleet.yaml'), fleet.replace('../.demo/forge', 'forge'));
    const repositories = join(examples, 'repositories');
    cpSync(repositories, join(this.#first, 'repositories'), { recursive: true });
    for (const owner of readdirSync(repositories))
      for (const name of readdirSync(join(repositories, owner))) this.#publish(owner, name);
  }

  #publish(owner: string, name: string): void {
    const checkout = join(this.#first, 'repositories', owner, name);
    const bare = join(this.#first, 'forge', owner, `${name}.git`);
    mkdirSync(bare, { recursive: true });
    git(bare, 'init', '--quiet', '--bare', '--initial-branch=main');
    git(checkout, 'init', '--quiet', '--initial-branch=main');
    git(checkout, 'add', '--all');
    git(checkout, 'commit', '--quiet', '--message', 'The application as it is today');
    git(checkout, 'push', '--quiet', bare, 'main');
  }

  /** Gives `use` a folder of its own, as the world was made, and removes it afterwards. */
  copied<T>(use: (folder: string) => T): T {
    const folder = mkdtempSync(join(tmpdir(), 'meshwright-run-'));
    try {
      cpSync(this.#first, folder, { recursive: true });
      return use(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Makes the only branch that Meshwright pushed to a repository of a copy its main branch, as a merge does. */
  static merge(folder: string, repository: string): void {
    const bare = join(folder, 'forge', `${repository}.git`);
    const branches = git(bare, 'for-each-ref', '--format=%(refname:short)', 'refs/heads/meshwright').split(
      '\n',
    );
    git(bare, 'branch', '--force', 'main', branches[0] ?? '');
  }

  /** Runs the built CLI in a copy, to its end and without a terminal. */
  static run(folder: string, args: readonly string[]): ReturnType<typeof meshwright> {
    return meshwright(args, {
      cwd: folder,
      environment: { ...isolated, MESHWRIGHT_CACHE: join(folder, 'cache') },
    });
  }

  remove(): void {
    rmSync(this.#first, { recursive: true, force: true });
  }
}
