import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join, relative } from 'node:path';
import type { Input, Result } from '../../src/commands/command.ts';
import { World } from './world.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const names = ['acme/apps', 'acme/bookinfo', 'acme/payments', 'acme/platform'];

/** The example fleet on a forge in memory whose pull requests can be merged. */
export class MeshWorld {
  readonly repositories: Record<string, Record<string, string>>;
  fleet: string;
  /** What the last command opened. */
  opened: World['drafts'] = [];
  /** Other files on the disk, by path. */
  readonly files: Record<string, string> = {};

  /** What someone else makes of the fleet file just before the command writes it. */
  beforeWrite = (fleet: string): string => fleet;

  constructor() {
    this.fleet = readFileSync(join(examples, 'fleet.yaml'), 'utf8');
    this.repositories = Object.fromEntries(names.map((name) => [name, filesOf(name)]));
  }

  copy(): MeshWorld {
    const world = new MeshWorld();
    world.fleet = this.fleet;
    for (const [name, files] of Object.entries(this.repositories)) world.repositories[name] = { ...files };
    return world;
  }

  /** Runs a command; the fleet file stays as it left it. */
  async run(id: string, targets: readonly string[], options: Input['options'] = {}): Promise<Result> {
    const world = new World({ 'fleet.yaml': this.fleet, ...this.files }, this.repositories);
    let isDone = false;
    world.beforeWrite = () => {
      if (!isDone) world.edit('fleet.yaml', this.beforeWrite);
      isDone = true;
    };
    const result = await world.run(id, targets, options);
    this.fleet = world.text('fleet.yaml') ?? '';
    this.opened = world.drafts;
    return result;
  }

  /** Merges what the last command opened. */
  merge(): void {
    for (const { repository, changes } of this.opened) {
      const files = this.repositories[repository] ?? {};
      for (const { path, after } of changes)
        if (after === undefined) Reflect.deleteProperty(files, path);
        else files[path] = after;
    }
    this.opened = [];
  }

  async openAndMerge(...targets: readonly string[]): Promise<void> {
    const { code, problems } = await this.run('open', targets);
    if (code !== 0) throw new Error(JSON.stringify(problems));
    this.merge();
  }

  /** Every file of every repository, without the locks. */
  manifests(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(this.repositories).flatMap(([name, files]) =>
        Object.entries(files)
          .filter(([path]) => !path.startsWith('.meshwright/'))
          .map(([path, text]) => [`${name}/${path}`, text]),
      ),
    );
  }
}

/** Everything in place on the clusters of lab, each namespace at `stage`. Made once a stage; everyone gets a copy. */
export async function labAt(stage: 'joined' | 'enforced'): Promise<MeshWorld> {
  const made = worlds.get(stage) ?? makeLab(stage);
  worlds.set(stage, made);
  return (await made).copy();
}

const worlds = new Map<string, Promise<MeshWorld>>();

async function makeLab(stage: 'joined' | 'enforced'): Promise<MeshWorld> {
  if (stage === 'joined') {
    const world = new MeshWorld();
    await world.openAndMerge('cluster/lab-eu-1');
    await world.openAndMerge('*@lab');
    return world;
  }
  const world = await labAt('joined');
  world.fleet = world.fleet
    .replaceAll('{lab: joined}', '{lab: enforced}')
    .replace('stage: joined', 'stage: enforced');
  await world.openAndMerge('*@lab');
  return world;
}

function filesOf(name: string): Record<string, string> {
  const root = join(examples, 'repositories', name);
  const found = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    found.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(root, path), readFileSync(path, 'utf8')];
    }),
  );
}
