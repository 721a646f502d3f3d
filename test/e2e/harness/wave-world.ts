import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../../src/adapters/clock.ts';
import { createFiles } from '../../../src/adapters/files.ts';
import { createGitHubForge } from '../../../src/adapters/github-forge.ts';
import { readTemplates } from '../../../src/adapters/templates.ts';
import type { Input, Result, Services } from '../../../src/commands/command.ts';
import { commands } from '../../../src/commands/index.ts';
import { success } from '../../../src/model/problem.ts';
import { paint } from '../../../src/report/paint.ts';
import { charts } from '../../fakes/charts.ts';
import { FaultPlan } from './faults.ts';
import { Gate } from './gate.ts';
import { handleGit, removal, servedAll } from './git-http-server.ts';
import { gitReader } from './git-reader.ts';
import { GitHubState, handleApi, type Pull } from './github-api.ts';
import { git, type Run } from './world.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const kustomization = 'resources:\n  - app.yaml\n';
const app = `apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers: [{name: web, image: registry.example/web:1}]
`;

/** A world as it was at one moment, to begin with again and again. */
export interface Frozen {
  readonly sizes: readonly number[];
  readonly folder: string;
  readonly pulls: readonly Pull[];
  /** Clones remember where they came from, so every copy is at the same gate; one at a time. */
  readonly gate: Gate;
}

/** Repositories `acme/r0`, `acme/r1`, …, each with as many namespaces as its number says, all in one wave. */
export class WaveWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'meshwright-wave-'));
  readonly bare = join(this.folder, 'bare');
  readonly plan = new FaultPlan();
  readonly github: GitHubState;
  readonly namespaces: readonly {
    readonly name: string;
    readonly repository: string;
    readonly directory: string;
  }[];
  clock: Clock | undefined;
  readonly #sizes: readonly number[];
  #gate: Gate | undefined;

  /** @param sizes  namespaces of each repository
   *  @param frozen  copied, in place of a world in which nothing has happened yet */
  constructor(sizes: readonly number[], frozen?: Frozen) {
    this.#sizes = sizes;
    this.#gate = frozen?.gate;
    const repositories = sizes.map((_, index) => `acme/r${String(index)}`);
    this.namespaces = repositories.flatMap((repository, index) =>
      Array.from({ length: sizes[index] ?? 0 }, (_, number) => ({
        name: `n${String(index)}-${String(number)}`,
        repository,
        directory: `apps/a${String(number)}`,
      })),
    );
    this.github = new GitHubState(
      repositories,
      gitReader((repository) => this.bareOf(repository)),
    );
    if (frozen === undefined) {
      for (const [index, repository] of repositories.entries()) this.#seed(repository, sizes[index] ?? 0);
    } else {
      cpSync(frozen.folder, this.folder, { recursive: true });
      this.github.pulls.push(...structuredClone(frozen.pulls));
    }
  }

  /** What the world is now. It is over with it. */
  async freeze(): Promise<Frozen> {
    if (this.#gate === undefined) throw new Error('only a world that was started can be kept');
    const folder = mkdtempSync(join(templates, 'frozen-'));
    cpSync(this.folder, folder, { recursive: true });
    const frozen = {
      sizes: this.#sizes,
      folder,
      pulls: structuredClone(this.github.pulls),
      gate: this.#gate,
    };
    this.#gate.leave();
    this.#gate = undefined;
    await this.stop();
    return frozen;
  }

  static thaw(frozen: Frozen): WaveWorld {
    const world = new WaveWorld(frozen.sizes, frozen);
    frozen.gate.enter(world.#handler(0));
    return world;
  }

  /** All repositories of a size are copies of the first one of it. */
  #seed(repository: string, size: number): void {
    const bare = this.bareOf(repository);
    mkdirSync(dirname(bare), { recursive: true });
    const template = templateOf(size);
    cpSync(template, bare, { recursive: true });
  }

  async start(latencyMilliseconds = 0): Promise<void> {
    this.#gate = await Gate.open();
    this.#gate.enter(this.#handler(latencyMilliseconds));
    writeFileSync(this.fleetFile, this.#fleet(this.#gate.origin));
  }

  #handler(latencyMilliseconds: number): (request: IncomingMessage, response: ServerResponse) => void {
    const api = handleApi(this.github, '/api/v3', this.plan);
    const repositories = handleGit(this.bare, () => this.github.token, {}, this.plan);
    return (request, response) => {
      const serve = () => {
        (request.url?.startsWith('/api/') === true ? api : repositories)(request, response);
      };
      if (latencyMilliseconds === 0) serve();
      else setTimeout(serve, latencyMilliseconds);
    };
  }

  #fleet(origin: string): string {
    const entries = this.namespaces.map(
      ({ name, repository, directory }) => `  - name: ${name}
    repository: ${repository}
    path: ${directory}
    namespaceManifest: create
    services:
      - {name: web, serviceAccount: web, ports: [8080], complete: {callers: its team says so, calls: its team says so}}
`,
    );
    const names = this.namespaces.map(({ name }) => name).join(', ');
    return `version: 1
mesh:
  istioVersion: 1.30.3
  revision: stable
  gateway: {serviceAccount: istio-ingressgateway}
forge:
  kind: github
  api: ${origin}/api/v3
  labels: [mesh]
  limits: {secondsBetweenWrites: 0, patience: 2h}
environments:
  - {name: lab, domain: lab.acme.example}
gates:
  soak: {pilot: 0s, wave: 0s}
  verification: none
waves:
  - {name: all, namespaces: [${names}]}
namespaces:
${entries.join('')}`;
  }

  async stop(): Promise<void> {
    this.#gate?.leave();
    await servedAll(this.bare);
    await rm(this.folder, removal);
  }

  get fleetFile(): string {
    return join(this.folder, 'fleet.yaml');
  }

  bareOf(repository: string): string {
    return join(this.bare, `${repository}.git`);
  }

  head(repository: string, branch: string): string | undefined {
    return this.github.git.commit(repository, `refs/heads/${branch}`)?.oid;
  }

  /** Whether a commit is part of a branch. */
  isIn(repository: string, commit: string, branch: string): boolean {
    return git(this.bareOf(repository), 'branch', '--contains', commit, '--format=%(refname:short)')
      .split('\n')
      .includes(branch);
  }

  /** Files of a branch with their blobs. */
  files(repository: string, branch: string): string {
    return git(this.bareOf(repository), 'ls-tree', '-r', branch);
  }

  /** Someone commits a file to a branch, made from main when it is not there. */
  commit(repository: string, branch: string, path: string, text: string): string {
    const bare = this.bareOf(repository);
    const parent = this.head(repository, branch) ?? this.head(repository, 'main') ?? '';
    const index = join(this.folder, 'index-of-a-person');
    rmSync(index, { force: true });
    const run = (input: string, ...args: string[]) =>
      execFileSync('git', args, {
        cwd: bare,
        input,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, GIT_INDEX_FILE: index, ...person },
      }).trim();
    run('', 'read-tree', parent);
    const blob = run(text, 'hash-object', '-w', '--stdin');
    run('', 'update-index', '--add', '--cacheinfo', `100644,${blob},${path}`);
    const commit = run('', 'commit-tree', run('', 'write-tree'), '-p', parent, '-m', 'by a person');
    run('', 'update-ref', `refs/heads/${branch}`, commit);
    return commit;
  }

  /** Someone merges a pull request. */
  merge(pull: Pull): void {
    const { repository, branch } = pull;
    const bare = this.bareOf(repository);
    const env = { PATH: process.env.PATH, ...person };
    const run = (...args: string[]) => execFileSync('git', args, { cwd: bare, encoding: 'utf8', env }).trim();
    const tree = run('merge-tree', '--write-tree', 'main', branch);
    const merge = run('commit-tree', tree, '-p', 'main', '-p', branch, '-m', 'Merge');
    run('update-ref', 'refs/heads/main', merge);
    run('update-ref', '-d', `refs/heads/${branch}`);
    Object.assign(pull, { state: 'closed', mergedAt: this.github.date(), mergeCommit: merge });
  }

  /** Runs a command of the CLI as its own code runs it, in this process. */
  async run(id: string, names: readonly string[], options: Input['options']): Promise<Result> {
    const command = commands.find((each) => each.id === id);
    if (command === undefined) throw new Error(`there is no command ${id}`);
    return command.run({ names, options: { ...options, fleet: this.fleetFile } }, this.#services());
  }

  #services(): Services {
    const { clock } = this;
    if (clock === undefined) throw new Error('a run in this process needs a clock');
    const refuse = (): never => {
      throw new Error('a question was asked without a terminal');
    };
    return {
      files: createFiles(join(this.folder, 'locks')),
      terminal: {
        interactive: false,
        input: refuse,
        select: refuse,
        checkbox: refuse,
        confirm: refuse,
        show: refuse,
      },
      colours: paint(false, false),
      workingDirectory: this.folder,
      nameOf: (file) => relative(this.folder, file),
      today: () => '2026-11-24',
      now: () => clock.now(),
      finishOnInterrupt: () => () => false,
      redraw: () => undefined,
      pause: () => Promise.resolve(),
      progress: () => undefined,
      count: () => undefined,
      findFleet: () => Promise.resolve(success(this.fleetFile)),
      charts: () => Promise.resolve(success(charts())),
      templates: (version) => readTemplates(join(root, 'templates'), version),
      forge: (spec) =>
        Promise.resolve(
          success(
            createGitHubForge({
              api: spec.kind === 'github' ? (spec.api ?? '') : '',
              cacheDirectory: join(this.folder, 'cache'),
              credentials: { kind: 'token', token: this.github.token },
              limits: spec.limits,
              clock,
              onWait: () => undefined,
              network: { fetch, environment: {}, settings: [] },
            }),
          ),
        ),
      installMergeDriver: () => Promise.reject(new Error('no driver here')),
      originOf: () => Promise.resolve(undefined),
      checkoutOf: () => Promise.resolve(undefined),
      document: () => Promise.reject(new Error('no document here')),
      version: '0.0.0',
    };
  }

  /** Starts the built CLI as a process of a group of its own, so that signals reach git as well.
   *  @param environment  more of it */
  spawn(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): { readonly child: ChildProcess; readonly end: Promise<Run> } {
    const child = spawn(process.execPath, [join(root, 'dist/src/cli.js'), ...args], {
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: this.folder,
        MESHWRIGHT_CACHE: join(this.folder, 'cache'),
        GITHUB_TOKEN: this.github.token,
        MESHWRIGHT_GITHUB_HOST: new URL(this.#gate?.origin ?? '').host,
        ...environment,
      },
    });
    const parts = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (parts.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (parts.stderr += chunk.toString()));
    const end = new Promise<Run>((done) => {
      child.on('close', (code) => {
        done({ code: code ?? -1, ...parts });
      });
    });
    return { child, end };
  }
}

const person = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Person',
  GIT_AUTHOR_EMAIL: 'person@acme.example',
  GIT_COMMITTER_NAME: 'Person',
  GIT_COMMITTER_EMAIL: 'person@acme.example',
};

const templates = mkdtempSync(join(tmpdir(), 'meshwright-templates-'));
process.on('exit', () => {
  rmSync(templates, { recursive: true, force: true });
});

/** A bare repository with so many apps. */
function templateOf(size: number): string {
  const bare = join(templates, `${String(size)}.git`);
  if (existsSync(bare)) return bare;
  const checkout = join(templates, String(size));
  for (let number = 0; number < size; number++) {
    const folder = join(checkout, `apps/a${String(number)}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'kustomization.yaml'), kustomization);
    writeFileSync(join(folder, 'app.yaml'), app);
  }
  git(checkout, 'init', '--quiet', '--template=', '--initial-branch=main');
  git(checkout, 'add', '--all');
  git(checkout, 'commit', '--quiet', '--message', 'as it is');
  git(templates, 'clone', '--quiet', '--bare', '--template=', checkout, bare);
  for (const [key, value] of [
    ['http.receivepack', 'true'],
    ['uploadpack.allowFilter', 'true'],
    ['uploadpack.allowAnySHA1InWant', 'true'],
    // Nothing here outlives the machine, or grows.
    ['core.fsync', 'none'],
    ['receive.autogc', 'false'],
  ] as const)
    git(bare, 'config', key, value);
  return bare;
}
