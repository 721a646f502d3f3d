import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../src/fleet/load.ts';
import { lintClusters } from '../../src/flows/lint.ts';
import { readClusters } from '../../src/flows/read-clusters.ts';
import { renderTargets } from '../../src/flows/render.ts';
import { rules } from '../../src/lint/all-rules.ts';
import type { Fleet } from '../../src/model/fleet.ts';
import { defaultLintConfig } from '../../src/model/lint.ts';
import { labAt, MeshWorld } from '../commands/mesh-world.ts';
import { templates } from '../fakes/templates.ts';
import { folderTree } from '../fakes/tree.ts';

type Files = Readonly<Record<string, string>>;

/** What is found in manifests that are not ours, and is so. */
const known = [
  // dev is not moved yet, and its overlay has the label of an older mesh.
  'injection-label-without-default-revision acme/bookinfo/deploy/overlays/dev/namespace.yaml',
  'stage-differs-from-fleet acme/bookinfo/deploy/overlays/dev/namespace.yaml',
  // The platform team enforces a level that refuses the init container, and Meshwright installs no CNI plug-in.
  'pod-security-without-cni acme/platform/namespaces/payments.yaml',
];

/** Only the fleet file says that payments, whose path names no environment, is on no cluster of dev: there, Online Boutique
 *  is outside of the mesh. */
const knownWithoutFleet = ['caller-without-identity acme/apps/online-boutique/base/paymentservice.yaml'];

/** Repositories as `lint` reads them, several at once; errors and warnings only. */
async function findingsIn(repositories: Readonly<Record<string, Files>>, fleet?: Fleet): Promise<string[]> {
  const folders = Object.entries(repositories).map(([repository, files]) => ({
    tree: folderTree(files),
    nameOf: (path: string) => `${repository}/${path}`,
    paths: [],
    targets: new Map(
      (fleet?.targets ?? []).flatMap((target) =>
        target.kind === 'cluster' || target.repository !== repository
          ? []
          : target.specs.map(
              ({ directory, namespace, environment }) => [directory, { namespace, environment }] as const,
            ),
      ),
    ),
  }));
  const read = await readClusters(folders, fleet);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const { problems } = lintClusters(read.value, {
    rules,
    config: fleet?.lint ?? defaultLintConfig,
    baseline: [],
    fleet,
  });
  return problems
    .filter(({ severity }) => severity !== 'info')
    .map(({ rule, file = '' }) => `${rule} ${file}`)
    .filter((each) => !known.includes(each) && (fleet !== undefined || !knownWithoutFleet.includes(each)));
}

function fleetOf(text: string): Fleet {
  const fleet = loadFleet(text, 'fleet.yaml');
  if (!fleet.ok) throw new Error(JSON.stringify(fleet.problems));
  return fleet.value;
}

/** Every cluster installed, every namespace at a stage, one cluster refusing plain text. */
async function strictLab(): Promise<MeshWorld> {
  const world = await labAt('enforced');
  const { code, problems } = await world.run('strict', ['lab-eu-1']);
  if (code !== 0) throw new Error(JSON.stringify(problems));
  world.merge();
  return world;
}

const states = [
  ['joined', () => labAt('joined')],
  ['enforced', () => labAt('enforced')],
  ['enforced, and strict', strictLab],
] as const;

describe.each(states)('the example fleet %s', (_, make) => {
  it('has no error and no warning in what we write, with its fleet file and without it', async () => {
    const { repositories, fleet } = await make();

    expect(await findingsIn(repositories, fleetOf(fleet))).toEqual([]);
    expect(await findingsIn(repositories)).toEqual([]);
  });
});

/** Bundles rendered without a repository, as a new namespace begins. */
function rendered(text: string): Readonly<Record<string, Files>> {
  const { targets } = fleetOf(text);
  const repositories: Record<string, Record<string, string>> = {};
  for (const { bundles } of renderTargets(targets, templates))
    for (const { repository, changes } of bundles)
      for (const { path, after } of changes)
        if (after !== undefined) (repositories[repository] ??= {})[path] = after;
  return repositories;
}

describe.each([
  ['joined', (text: string) => text],
  ['enforced', (text: string) => text.replaceAll('joined', 'enforced')],
  [
    'enforced on strict clusters',
    (text: string) => text.replaceAll('joined', 'enforced').replace(/( +)region: .*\n/, '$&$1mode: strict\n'),
  ],
])('new namespaces that begin %s', (_, declared) => {
  it('have no error and no warning', async () => {
    const text = declared(new MeshWorld().fleet);

    expect(await findingsIn(rendered(text))).toEqual([]);
    expect(await findingsIn(rendered(text), fleetOf(text))).toEqual([]);
  });
});
