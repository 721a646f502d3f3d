import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createLocalForge } from '../../src/adapters/local-forge.ts';
import { readPulls, type LocalPull } from '../../src/adapters/local-pulls.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { openTargets } from '../../src/flows/open.ts';
import type { TargetResult, TemplateSet } from '../../src/model/bundle.ts';
import { app } from '../bundle/app.ts';
import { templates } from '../fakes/templates.ts';

export const ours = { name: 'Meshwright', email: 'meshwright@users.noreply.github.com' };
export const alice = { name: 'Alice', email: 'alice@example.com' };

/** A local forge with one repository, `acme/shop`, on this machine's disk, and what people do to it with git. */
export class LocalWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'meshwright-branch-'));
  readonly bare = join(this.folder, 'forge/acme/shop.git');
  readonly #checkout = join(this.folder, 'checkout');
  revision = 'stable';
  stage = 'joined';
  templates: TemplateSet = templates;
  environment = 'lab';
  /** Entries of further namespaces, and names of further environments. */
  more: { readonly namespaces: string; readonly environments: readonly string[] } = {
    namespaces: '',
    environments: [],
  };

  constructor(files: Readonly<Record<string, string>> = app()) {
    mkdirSync(dirname(this.bare), { recursive: true });
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', this.bare]);
    execFileSync('git', ['clone', '--quiet', this.bare, this.#checkout], { stdio: 'ignore' });
    this.git('checkout', '--quiet', '-B', 'main');
    for (const [path, text] of Object.entries(files)) this.write(path, text);
    this.commit('An application', alice);
    this.push('main');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs `open` as one process of its own would, and gives the result of the first namespace. */
  async open(cache = 'cache'): Promise<TargetResult> {
    const [result] = await this.openAll(cache);
    if (result === undefined) throw new Error('no target');
    return result;
  }

  openAll(cache = 'cache'): Promise<readonly TargetResult[]> {
    return openTargets(this.#fleet().targets, this.#opening(cache), () => undefined);
  }

  #fleet() {
    const text = `version: 1
mesh: {istioVersion: 1.30.3, revision: ${this.revision}, gateway: {serviceAccount: gateway}}
forge: {kind: local, directory: forge}
environments: [${[this.environment, ...this.more.environments].map((name) => `{name: ${name}}`).join(', ')}]
namespaces:
  - name: shop
    repository: acme/shop
    path: deploy/overlays/lab
    environments: [${this.environment}]
    stage: ${this.stage}
    services: [{name: catalog, serviceAccount: catalog, ports: [8080]}]
${this.more.namespaces}`;
    const fleet = loadFleet(text, 'fleet.yaml');
    if (!fleet.ok) throw new Error(JSON.stringify(fleet.problems));
    return fleet.value;
  }

  #opening(cache: string) {
    return {
      templates: this.templates,
      forge: createLocalForge({
        directory: join(this.folder, 'forge'),
        cacheDirectory: join(this.folder, cache),
      }),
      forgeSpec: this.#fleet().forge,
      purpose: 'stage' as const,
      options: { restore: false },
      atOnce: 1,
      isStopped: () => false,
    };
  }

  pulls(): Promise<readonly LocalPull[]> {
    return readPulls(join(this.folder, 'forge/acme/shop.pulls'));
  }

  git(...args: string[]): string {
    return execFileSync('git', args, {
      cwd: this.#checkout,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  }

  /** What the forge's repository says. */
  at(...args: string[]): string {
    return execFileSync('git', ['-C', this.bare, ...args], { encoding: 'utf8' }).trim();
  }

  /** Everything a commit holds: modes, ids, paths. */
  treeOf(ref: string): string {
    return this.at('ls-tree', '-r', ref);
  }

  write(path: string, text: string): void {
    const file = join(this.#checkout, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  read(path: string): string {
    return readFileSync(join(this.#checkout, path), 'utf8');
  }

  checkout(branch: string): void {
    this.git('fetch', '--quiet', 'origin');
    this.git('checkout', '--quiet', '-B', 'work', `origin/${branch}`);
  }

  /** @param submodule  where a submodule is put in */
  commit(message: string, { name, email }: typeof alice, submodule?: string): void {
    this.git('add', '--all');
    if (submodule !== undefined)
      this.git(
        'update-index',
        '--add',
        '--cacheinfo',
        `160000,${this.git('rev-parse', 'HEAD')},${submodule}`,
      );
    const who = ['-c', `user.name=${name}`, '-c', `user.email=${email}`];
    this.git(...who, 'commit', '--quiet', '--allow-empty', '-m', message);
  }

  push(branch: string): void {
    this.git('push', '--quiet', '--force', 'origin', `HEAD:refs/heads/${branch}`);
  }
}
