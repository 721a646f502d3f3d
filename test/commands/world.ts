import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { commands } from '../../src/commands/index.ts';
import type { Input, Result, Services } from '../../src/commands/command.ts';
import type { Draft } from '../../src/model/bundle.ts';
import type { RepoPath } from '../../src/model/named.ts';
import type { Files, Terminal } from '../../src/model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../../src/model/problem.ts';
import { paint } from '../../src/report/paint.ts';
import { charts } from '../fakes/charts.ts';
import { FakeForge, treeOf } from '../fakes/forge.ts';
import { templates } from '../fakes/templates.ts';

/** A disk and a forge in memory, and what happened to them. */
export class World implements Services {
  readonly workingDirectory = '/home/me';
  readonly nameOf = (file: string) => relative(this.workingDirectory, file);
  readonly colours = paint(false, true);
  readonly shown: string[] = [];
  readonly disk: Map<string, string>;
  readonly hub: FakeForge;
  /** There is no helm. */
  helm = charts();
  terminal: Terminal = silent;
  /** Ctrl-C was pressed. */
  isInterrupted = false;
  /** Set to make the disk refuse every write. */
  diskProblem: Problem | undefined;

  constructor(
    disk: Readonly<Record<string, string>>,
    repositories: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
  ) {
    this.disk = new Map(Object.entries(disk).map(([path, text]) => [resolve('/home/me', path), text]));
    this.hub = new FakeForge(repositories);
  }

  get drafts(): readonly Draft[] {
    return this.hub.drafts;
  }

  run(id: string, names: readonly string[] = [], options: Input['options'] = {}): Promise<Result> {
    const command = commands.find((each) => each.id === id);
    if (command === undefined) throw new Error(`there is no command ${id}`);
    return command.run({ names, options }, this);
  }

  /** The text of a file, by its path from the working directory. */
  text(path: string): string | undefined {
    return this.disk.get(resolve('/home/me', path));
  }

  /** Someone changes a file. */
  edit(path: string, change: (text: string) => string): void {
    this.disk.set(resolve('/home/me', path), change(this.text(path) ?? ''));
  }

  readonly files: Files = {
    tree: (directory) => {
      const root = resolve('/home/me', directory);
      const found = new Map<RepoPath, string>();
      for (const [path, text] of this.disk)
        if (path.startsWith(`${root}/`)) found.set(relative(root, path) as RepoPath, text);
      return Promise.resolve(found.size > 0 ? success(treeOf(root, found)) : failure(noSuch(directory)));
    },
    write: (directory, changes) => {
      if (this.diskProblem !== undefined) return Promise.resolve(failure(this.diskProblem));
      for (const { path, after } of changes) {
        const file = join(resolve('/home/me', directory), path);
        if (after === undefined) this.disk.delete(file);
        else this.disk.set(file, after);
      }
      return Promise.resolve(success(undefined));
    },
    differing: (directory, parts) => {
      const differing = [...parts].flatMap(({ folder, files }) =>
        files
          .map(({ path, text }) => ({ path: `${folder}/${path}` as RepoPath, text }))
          .filter(({ path, text }) => (this.text(join(directory, path)) ?? text) !== text),
      );
      return Promise.resolve(success(differing.map(({ path }) => path)));
    },
    fill: (directory, parts) => {
      if (this.diskProblem !== undefined) return Promise.resolve(failure(this.diskProblem));
      let count = 0;
      for (const { folder, files } of parts)
        for (const { path, text } of files) {
          this.disk.set(resolve('/home/me', directory, folder, path), text);
          count++;
        }
      return Promise.resolve(success(count));
    },
    readText: (path) => {
      const text = this.disk.get(resolve('/home/me', path));
      return Promise.resolve(text === undefined ? failure(noSuch(path)) : success(text));
    },
    writeText: (path, text, over) => {
      if (this.diskProblem !== undefined) return Promise.resolve(failure(this.diskProblem));
      this.beforeWrite();
      if (over !== undefined && this.disk.get(resolve('/home/me', path)) !== over.before)
        return Promise.resolve(
          failure({ rule: 'changed-meanwhile', severity: 'error', message: `${path} was changed.` }),
        );
      this.disk.set(resolve('/home/me', path), text);
      return Promise.resolve(success(undefined));
    },
  };

  /** What someone else does just before a file is written. */
  beforeWrite = (): void => undefined;

  /** Folders that git has checked out. */
  readonly checkouts: string[] = [];
  readonly version = '1.2.3';

  checkoutOf(path: string): Promise<{ readonly root: string; readonly path: RepoPath } | undefined> {
    const isThere = [...this.disk.keys()].some((file) => file === path || file.startsWith(`${path}/`));
    if (!isThere) return Promise.resolve(undefined);
    const folder = this.disk.has(path) ? dirname(path) : path;
    const known = this.checkouts.map((name) => resolve('/home/me', name));
    const root = known.find((each) => path === each || path.startsWith(`${each}/`)) ?? folder;
    return Promise.resolve({ root, path: relative(root, path) as RepoPath });
  }

  document(name: string): Promise<Outcome<string>> {
    return Promise.resolve(success(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')));
  }

  today(): string {
    return '2026-11-24';
  }

  now(): number {
    return this.hub.now;
  }

  finishOnInterrupt(): () => boolean {
    return () => this.isInterrupted;
  }

  redraw(text: string): void {
    this.shown.push(text);
  }

  pause(): Promise<void> {
    this.isInterrupted = true;
    return Promise.resolve();
  }

  progress(line: string): void {
    this.shown.push(line);
  }

  count(): void {
    // Nobody looks.
  }

  findFleet(): ReturnType<Services['findFleet']> {
    const isThere = this.text('fleet.yaml') !== undefined;
    return Promise.resolve(success(isThere ? '/home/me/fleet.yaml' : undefined));
  }

  templates(): ReturnType<Services['templates']> {
    return Promise.resolve(success(templates));
  }

  installMergeDriver(): ReturnType<Services['installMergeDriver']> {
    return Promise.resolve(success({ command: 'meshwright merge', attributes: '.git/info/attributes' }));
  }

  originOf(): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  charts(): ReturnType<Services['charts']> {
    return Promise.resolve(success(this.helm));
  }

  forge(): ReturnType<Services['forge']> {
    return Promise.resolve(success(this.hub));
  }
}

function noSuch(path: string): Problem {
  return { rule: 'files-read', severity: 'error', message: `There is no ${path}.`, file: path };
}

const refuse = (): never => {
  throw new Error('a question was asked without a terminal');
};

/** Nobody is there to ask. */
const silent: Terminal = {
  interactive: false,
  input: refuse,
  select: refuse,
  checkbox: refuse,
  confirm: refuse,
  show: () => undefined,
};

export const fleet = `version: 1
mesh:
  istioVersion: 1.30.3
  revision: stable # a tag
  gateway:
    serviceAccount: istio-ingressgateway
forge:
  kind: local
  directory: forge
environments:
  - {name: lab, domain: lab.acme.example}
  - {name: dev, domain: dev.acme.example}
namespaces:
  # The shop.
  - name: shop
    repository: acme/shop
    path: deploy/{environment}
    stage: {lab: joined}
    services:
      - name: cart
        serviceAccount: cart
        ports: [7070]
`;

/** The same fleet before its first namespace. */
export const bare = `${fleet.slice(0, fleet.indexOf('namespaces:'))}# None yet.\nnamespaces: []\n`;

/** A repository of the shop as its people wrote it. */
export const shop: Readonly<Record<string, string>> = {
  'deploy/lab/kustomization.yaml': 'namespace: shop\nresources:\n- app.yaml\n',
  'deploy/lab/app.yaml': `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: cart}
spec:
  selector: {app: cart}
  ports: [{name: http, port: 7070}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      serviceAccountName: cart
      containers:
        - name: cart
          image: cart
          env:
            - {name: LEDGER, value: "http://ledger.payments:9000"}
            - {name: MAIL, value: "https://api.mail.example"}
`,
};

/** The same files in the folder `checkout`. */
export function checkout(files: Readonly<Record<string, string>> = shop): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`checkout/${path}`, text]));
}
