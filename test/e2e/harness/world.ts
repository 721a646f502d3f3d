import { execFile, execFileSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FaultPlan } from './faults.ts';
import { GitHubState, handleApi } from './github-api.ts';
import { gitReader } from './git-reader.ts';
import { handleGit, listen, removal, servedAll, type GitFaults } from './git-http-server.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const cli = join(root, 'dist/src/cli.js');

const gitEnvironment = {
  PATH: process.env.PATH,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Person',
  GIT_AUTHOR_EMAIL: 'person@acme.example',
  GIT_COMMITTER_NAME: 'Person',
  GIT_COMMITTER_EMAIL: 'person@acme.example',
};

export function git(directory: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd: directory,
    env: gitEnvironment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The example repositories on a real git server, a GitHub API beside it, and the built CLI. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'meshwright-e2e-'));
  readonly bare = join(this.folder, 'bare');
  readonly cache = join(this.folder, 'cache');
  readonly faults: GitFaults = {};
  readonly github = new GitHubState(
    ['acme/bookinfo', 'acme/apps', 'acme/payments', 'acme/platform'],
    gitReader((repository) => this.bareOf(repository)),
  );
  readonly plan = new FaultPlan();
  #server: Server | undefined;
  #origin = '';
  #running: ChildProcess | undefined;

  async start(): Promise<void> {
    const repositories = join(root, 'examples/repositories');
    for (const owner of readdirSync(repositories))
      for (const name of readdirSync(join(repositories, owner)))
        this.#seed(join(repositories, owner, name), `${owner}/${name}`);
    const api = handleApi(this.github, '/api/v3', this.plan);
    const repositoriesOverHttp = handleGit(this.bare, () => this.github.token, this.faults, this.plan);
    const { origin, server } = await listen((request, response) => {
      (request.url?.startsWith('/api/') === true ? api : repositoriesOverHttp)(request, response);
    });
    this.#origin = origin;
    this.#server = server;
    const fleet = readFileSync(join(root, 'examples/fleet.yaml'), 'utf8');
    writeFileSync(
      this.fleet,
      fleet.replace(
        / {2}kind: local\n {2}directory: .*\n/,
        `  kind: github\n  api: ${origin}/api/v3\n  limits: {secondsBetweenWrites: 0}\n`,
      ),
    );
  }

  #seed(source: string, repository: string): void {
    const checkout = join(this.folder, 'checkouts', repository);
    const bare = this.bareOf(repository);
    cpSync(source, checkout, { recursive: true });
    mkdirSync(bare, { recursive: true });
    git(bare, 'init', '--quiet', '--bare', '--initial-branch=main');
    for (const [key, value] of [
      ['http.receivepack', 'true'],
      ['uploadpack.allowFilter', 'true'],
      ['uploadpack.allowAnySHA1InWant', 'true'],
    ] as const)
      git(bare, 'config', key, value);
    git(checkout, 'init', '--quiet', '--initial-branch=main');
    git(checkout, 'config', 'core.autocrlf', 'false');
    git(checkout, 'add', '--all');
    git(checkout, 'commit', '--quiet', '--message', 'as it is');
    git(checkout, 'push', '--quiet', bare, 'main');
    git(checkout, 'remote', 'add', 'origin', bare);
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((done) => this.#server?.close(done));
    await servedAll(this.bare);
    await rm(this.folder, removal);
  }

  get fleet(): string {
    return join(this.folder, 'fleet.yaml');
  }

  get origin(): string {
    return this.#origin;
  }

  bareOf(repository: string): string {
    return join(this.bare, `${repository}.git`);
  }

  checkoutOf(repository: string): string {
    return join(this.folder, 'checkouts', repository);
  }

  editFleet(from: string, to: string): void {
    const text = readFileSync(this.fleet, 'utf8');
    if (!text.includes(from)) throw new Error(`the fleet has no ${from}`);
    writeFileSync(this.fleet, text.replace(from, to));
  }

  /** Someone commits to a branch of a repository, over the server's own folder. */
  commit(repository: string, branch: string, path: string, text: string, message = 'by a person'): string {
    const checkout = this.checkoutOf(repository);
    git(checkout, 'fetch', '--quiet', 'origin');
    git(checkout, 'checkout', '--quiet', '-B', 'work', `origin/${branch}`);
    writeFileSync(join(checkout, path), text);
    git(checkout, 'add', '--all');
    git(checkout, 'commit', '--quiet', '--message', message);
    git(checkout, 'push', '--quiet', 'origin', `work:${branch}`);
    return git(checkout, 'rev-parse', 'HEAD').trim();
  }

  /** Refuses every push to a repository, as a branch protection does. */
  protect(repository: string): void {
    const hook = join(this.bareOf(repository), 'hooks/pre-receive');
    mkdirSync(join(this.bareOf(repository), 'hooks'), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\necho "GH006: Protected branch update failed" >&2\nexit 1\n');
    chmodSync(hook, 0o755);
  }

  unprotect(repository: string): void {
    rmSync(join(this.bareOf(repository), 'hooks/pre-receive'));
  }

  head(repository: string, branch: string): string {
    return git(this.bareOf(repository), 'rev-parse', `refs/heads/${branch}`).trim();
  }

  show(repository: string, revision: string, path: string): string {
    return git(this.bareOf(repository), 'show', `${revision}:${path}`);
  }

  meshwright(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    directory = this.folder,
  ): Promise<Run> {
    return new Promise((done) => {
      this.#running = execFile(
        process.execPath,
        [cli, ...args],
        {
          cwd: directory,
          encoding: 'utf8',
          maxBuffer: 64 * 1024 * 1024,
          env: {
            PATH: process.env.PATH,
            HOME: this.folder,
            MESHWRIGHT_CACHE: this.cache,
            GITHUB_TOKEN: this.github.token,
            MESHWRIGHT_GITHUB_HOST: new URL(this.origin).host,
            ...environment,
          },
        },
        (error, stdout, stderr) => {
          done({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
        },
      );
    });
  }

  /** Ends the running CLI as `kill -9` does. */
  kill(): void {
    this.#running?.kill('SIGKILL');
  }

  /** Files below the world's folder that hold `secret`. */
  filesWith(secret: string): readonly string[] {
    return readdirSync(this.folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(this.folder, name))
      .filter(
        (file) =>
          statSync(file, { throwIfNoEntry: false })?.isFile() === true && readFileSync(file).includes(secret),
      );
  }
}
