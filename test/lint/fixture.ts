import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadFleet } from '../../src/fleet/load.ts';
import { readClusters, type Folder } from '../../src/flows/read-clusters.ts';
import { lint } from '../../src/lint/lint.ts';
import { Inventory } from '../../src/mesh/inventory.ts';
import type { Rule } from '../../src/lint/rule.ts';
import type { Fleet } from '../../src/model/fleet.ts';
import type { LintProblem } from '../../src/model/lint.ts';
import { folderTree } from '../fakes/tree.ts';

export const fixtures = fileURLToPath(new URL('rules/', import.meta.url));

/** The examples of a rule: `bad.yaml`, `bad-2.yaml` … with a mark at each line a finding starts in; `good.yaml` …; a
 *  `fixed.yaml` for what --fix makes of `bad.yaml`; a `fleet.yaml` that both are read with. A folder `bad` or `good` is a
 *  tree of files. */
export interface Fixture {
  readonly name: string;
  /** By file name. */
  readonly files: Readonly<Record<string, string>>;
  readonly fleet: Fleet | undefined;
}

export function fixturesOf(rule: string, kind: 'bad' | 'good'): readonly Fixture[] {
  const folder = join(fixtures, rule);
  const entries = readdirSync(folder, { withFileTypes: true });
  const fleetText = entries.some(({ name }) => name === 'fleet.yaml')
    ? readFileSync(join(folder, 'fleet.yaml'), 'utf8')
    : undefined;
  const loaded = fleetText === undefined ? undefined : loadFleet(fleetText, 'fleet.yaml');
  if (loaded?.ok === false)
    throw new Error(`${rule}: ${loaded.problems.map(({ message }) => message).join(' ')}`);
  const fleet = loaded?.value;
  return entries
    .filter(({ name }) => new RegExp(`^${kind}(-\\d+)?(\\.yaml)?$`).test(name))
    .map((entry) => {
      if (entry.isFile())
        return {
          name: entry.name,
          fleet,
          files: { [entry.name]: readFileSync(join(folder, entry.name), 'utf8') },
        };
      const root = join(folder, entry.name);
      const names = readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((each) => each.isFile())
        .map((each) => join(each.parentPath, each.name).slice(root.length + 1));
      return {
        name: entry.name,
        fleet,
        files: Object.fromEntries(names.map((name) => [name, readFileSync(join(root, name), 'utf8')])),
      };
    });
}

/** What rules find in some files. */
export async function lintFiles(
  files: Readonly<Record<string, string>>,
  rules: readonly Rule[],
  fleet?: Fleet,
): Promise<readonly LintProblem[]> {
  const clusters = await readClusters([folderOfFiles(files, fleet)], fleet);
  if (!clusters.ok) throw new Error(clusters.problems.map(({ message }) => message).join(' '));
  return [...clusters.value.problems, ...lint(clusters.value.inventories, rules)];
}

/** Clusters by themselves, as often as they are asked for: nothing of them is computed yet. */
export type Fresh = () => readonly Inventory[];

/** The clusters that some files make up. */
export async function clustersOf({ files, fleet }: Pick<Fixture, 'files' | 'fleet'>): Promise<Fresh> {
  const clusters = await readClusters([folderOfFiles(files, fleet)], fleet);
  if (!clusters.ok) throw new Error(clusters.problems.map(({ message }) => message).join(' '));
  return () =>
    clusters.value.inventories.map((each) => new Inventory(each.resources, each.settings, each.fleet));
}

/** Files as a checkout in which the fleet's directories are. */
function folderOfFiles(files: Readonly<Record<string, string>>, fleet?: Fleet): Folder {
  const targets = new Map(
    (fleet?.targets ?? []).flatMap((target) =>
      target.kind === 'cluster'
        ? []
        : target.specs.map(
            ({ directory, namespace, environment }) => [directory, { namespace, environment }] as const,
          ),
    ),
  );
  return { tree: folderTree(files), nameOf: (path) => path, paths: [], targets };
}

/** `file:line rule` of every mark `# expect: rule, rule` in some files. */
export function expectations(files: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(files)
    .flatMap(([file, text]) =>
      text.split('\n').flatMap((line, index) => {
        const [, rules = ''] = /#\s*expect:\s*([\w, -]+?)\s*$/.exec(line) ?? [];
        return rules
          .split(',')
          .map((rule) => rule.trim())
          .filter((rule) => rule !== '')
          .map((rule) => `${file}:${String(index + 1)} ${rule}`);
      }),
    )
    .sort();
}

export function placesOf(problems: readonly LintProblem[]): readonly string[] {
  return problems.map(({ file = '', line = 0, rule }) => `${file}:${String(line)} ${rule}`).sort();
}
