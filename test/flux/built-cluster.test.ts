import { describe, expect, it } from 'vitest';
import type { BuiltCluster, Repositories } from '../../src/flux/build.ts';
import { builtCluster } from '../../src/flux/built-cluster.ts';
import { repositoryKey } from '../../src/flux/source-url.ts';
import type { RepoPath, RepositoryId } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';
import { joined, kustomization, service, source } from './cluster-texts.ts';

type Files = Readonly<Record<string, string>>;

/** Repositories as they are on branch main; the entry is `clusters/lab` of acme/fleet. */
function cluster(repositories: Readonly<Record<string, Files>>): BuiltCluster {
  const snapshots = new Map(Object.entries(repositories).map(([name, files]) => [name, repository(files)]));
  const forge: Repositories = {
    repositoryOf: (url) => {
      const key = repositoryKey(url)?.split('/').slice(-2).join('/');
      return key !== undefined && snapshots.has(key) ? (key as RepositoryId) : undefined;
    },
    snapshotOf: (id) => {
      const snapshot = snapshots.get(id);
      return snapshot === undefined ? 'no such repository' : { snapshot, branch: 'main' };
    },
  };
  const entry = { repository: 'acme/fleet' as RepositoryId, directory: 'clusters/lab' as RepoPath };
  const { value, needs } = builtCluster(entry, forge);
  if (value === undefined) throw new Error(`needs ${JSON.stringify([...needs])}`);
  return value;
}

/** `kind namespace/name` of every object of the application's own kinds. */
function objects({ builds }: BuiltCluster): readonly string[] {
  return builds
    .flatMap((build) => build.objects)
    .filter(({ manifest }) => !manifest.group.endsWith('.toolkit.fluxcd.io'))
    .map(({ manifest }) => `${manifest.kind} ${manifest.builtNamespace ?? ''}/${manifest.builtName}`)
    .sort();
}

const appsOf = ({ builds }: BuiltCluster) => builds.find(({ id }) => id === 'flux-system/apps');
const states = ({ builds }: BuiltCluster) => Object.fromEntries(builds.map(({ id, state }) => [id, state]));
const rules = ({ problems }: BuiltCluster) => problems.map(({ rule }) => rule);

const root = {
  'clusters/lab/flux-system/gotk-sync.yaml': joined(
    source('flux-system', 'acme/fleet'),
    kustomization('flux-system', './clusters/lab'),
  ),
};

describe('a cluster from its entry', () => {
  it('follows Kustomizations across repositories, in the names and namespaces that they finally give', () => {
    const built = cluster({
      'acme/fleet': {
        ...root,
        'clusters/lab/apps.yaml': joined(
          source('shop', 'acme/shop'),
          kustomization('shop', './deploy', 'targetNamespace: shop\nnamePrefix: lab-\n', 'shop'),
        ),
      },
      'acme/shop': {
        'deploy/kustomization.yaml': 'namePrefix: dev-\nresources: [web.yaml]\n',
        'deploy/web.yaml': service('web'),
      },
    });

    expect(objects(built)).toEqual(['Service shop/lab-web']);
    expect(states(built)).toEqual({ 'flux-system/flux-system': 'built', 'flux-system/shop': 'built' });
    expect(built.problems).toEqual([]);
  });

  it('knows of each object where it is written and who builds it', () => {
    const built = cluster({
      'acme/fleet': {
        ...root,
        'clusters/lab/apps.yaml': kustomization('apps', 'apps', 'targetNamespace: shop\n'),
        'apps/web.yaml': `# the shop\n${service('web')}`,
      },
    });
    const apps = appsOf(built);

    expect(
      apps?.objects.map(({ repository: where, manifest }) => [
        where,
        manifest.locationOf(['metadata', 'name']),
      ]),
    ).toEqual([['acme/fleet', { file: 'apps/web.yaml', line: 5, column: 9 }]]);
    expect([...(apps?.reads ?? [])]).toEqual(['apps/web.yaml']);
  });

  it('leaves out what the source leaves out, and what Flux usually does where the source says nothing', () => {
    const files = {
      ...root,
      'clusters/lab/apps.yaml': kustomization('apps', 'apps'),
      'apps/web.yaml': service('web', 'shop'),
      'apps/old/web.yaml': service('old', 'shop'),
      'apps/cloudbuild.yaml': service('build', 'shop'),
    };

    expect(objects(cluster({ 'acme/fleet': files }))).toEqual(['Service shop/old', 'Service shop/web']);
    expect(objects(cluster({ 'acme/fleet': { ...files, 'apps/.sourceignore': 'old/\n' } }))).toEqual([
      'Service shop/build',
      'Service shop/web',
    ]);
    expect(
      objects(
        cluster({
          'acme/fleet': {
            ...files,
            'clusters/lab/apps.yaml': joined(
              source('part', 'acme/fleet').replace('spec: {', 'spec: {sparseCheckout: [./apps/old], '),
              kustomization('apps', 'apps', '', 'part'),
            ),
          },
        }),
      ),
    ).toEqual(['Service shop/old']);
  });

  it('leaves out a Kustomization on disk that no build holds', () => {
    const built = cluster({
      'acme/fleet': {
        ...root,
        'clusters/lab/kustomization.yaml': 'resources: [flux-system/gotk-sync.yaml]\n',
        'clusters/lab/apps.yaml': kustomization('apps', 'apps'),
        'apps/web.yaml': service('web', 'shop'),
      },
    });

    expect(objects(built)).toEqual([]);
  });

  it('fills in variables of a ConfigMap that another Kustomization builds, in names and paths of its children too', () => {
    const built = cluster({
      'acme/fleet': {
        ...root,
        'clusters/lab/a.yaml': kustomization(
          'apps',
          'apps',
          'postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}], substitute: {team: blue}}\n',
        ),
        'clusters/lab/z.yaml': kustomization('settings', 'settings'),
        'settings/map.yaml':
          'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: flux-system}\ndata: {cluster: lab, team: red}\n',
        'apps/ks.yaml': kustomization('inner', 'inner/${cluster}'),
        'apps/web.yaml': service('web-${team}', 'shop-${cluster}'),
        'inner/lab/web.yaml': service('inner', 'shop'),
      },
    });

    expect(objects(built)).toEqual([
      'ConfigMap flux-system/settings',
      'Service shop-lab/web-blue',
      'Service shop/inner',
    ]);
    expect(states(built)).toMatchObject({ 'flux-system/inner': 'built' });
  });

  it('keeps what a Secret sets as unknown', () => {
    const built = cluster({
      'acme/fleet': {
        ...root,
        'clusters/lab/apps.yaml': kustomization(
          'apps',
          'apps',
          'postBuild: {substituteFrom: [{kind: Secret, name: settings}]}\n',
        ),
        'apps/web.yaml': service('web', '${team}'),
      },
    });

    expect(objects(built)).toEqual(['Service ${team}/web']);
    expect(rules(built)).toContain('flux-variables-unknown');
  });

  it('patches before it moves, as Flux does: a target by the final name selects nothing', () => {
    const patch = (name: string) =>
      `targetNamespace: shop\nnamePrefix: lab-\npatches:\n- patch: '- {op: add, path: /spec/type, value: NodePort}'\n  target: {kind: Service, name: ${name}}\n`;
    const typeOf = (name: string) =>
      cluster({
        'acme/fleet': {
          ...root,
          'clusters/lab/apps.yaml': kustomization('apps', 'apps', patch(name)),
          'apps/web.yaml': service('web'),
        },
      }).builds.find(({ id }) => id === 'flux-system/apps')?.objects[0]?.manifest.built.spec;

    expect(typeOf('web')).toMatchObject({ type: 'NodePort' });
    expect(typeOf('lab-web')).not.toHaveProperty('type');
  });

  it('puts common metadata on objects, and leaves out what Flux is told to leave alone', () => {
    const built = cluster({
      'acme/fleet': {
        ...root,
        'clusters/lab/apps.yaml': kustomization('apps', 'apps', 'commonMetadata: {labels: {wave: "1"}}\n'),
        'apps/a.yaml': service('web', 'shop'),
        'apps/b.yaml':
          'apiVersion: v1\nkind: Service\nmetadata: {name: old, namespace: shop, annotations: {kustomize.toolkit.fluxcd.io/reconcile: Disabled}}\n',
      },
    });

    expect(objects(built)).toEqual(['Service shop/web']);
    expect(appsOf(built)?.objects[0]?.manifest.built.metadata).toMatchObject({ labels: { wave: '1' } });
  });
});

describe('what is not known of a cluster is said, and is not nothing', () => {
  const withApps = (apps: string, files: Files = {}) =>
    cluster({
      'acme/fleet': {
        ...root,
        'clusters/lab/apps.yaml': apps,
        'apps/web.yaml': service('web', 'shop'),
        ...files,
      },
      'acme/shop': {},
    });

  it.each([
    [
      'a suspended Kustomization',
      kustomization('apps', 'apps', 'suspend: true\n'),
      'frozen',
      'it is suspended',
    ],
    [
      'a source that Git does not define',
      kustomization('apps', 'apps', '', 'other'),
      'unknown',
      'nothing in Git defines its source, GitRepository flux-system/other',
    ],
    [
      'a source of another forge',
      joined(source('far', 'globex/shop'), kustomization('apps', 'apps', '', 'far')),
      'unknown',
      'not a repository of this forge',
    ],
    [
      'another revision',
      joined(source('tagged', 'acme/fleet', '{tag: v1}'), kustomization('apps', 'apps', '', 'tagged')),
      'unknown',
      'takes tag v1 of acme/fleet, and what is read is branch main',
    ],
    [
      'no reference at all, which is master',
      joined(source('bare', 'acme/fleet', '{}'), kustomization('apps', 'apps', '', 'bare')),
      'unknown',
      'takes branch master',
    ],
    [
      'a path that is not there',
      kustomization('apps', 'nowhere'),
      'failed',
      'acme/fleet has no directory nowhere',
    ],
  ])('%s', (_, apps, state, why) => {
    const built = withApps(apps);
    const build = built.builds.find(({ id }) => id === 'flux-system/apps');

    expect(build).toMatchObject({ state, objects: [] });
    expect(build?.why).toContain(why);
    expect(built.problems.map(({ message }) => message).join('\n')).toContain(why);
  });

  it.each(['../../apps', 'x/../../apps', './../apps/', '/../apps'])(
    'a path out of the source, which Flux takes from its root: %s',
    (path) => {
      const built = withApps(kustomization('apps', path), { 'apps/web.yaml': service('web', 'shop') });

      expect(states(built)).toMatchObject({ 'flux-system/apps': 'built' });
      expect(built.builds.find(({ id }) => id === 'flux-system/apps')?.directory).toBe('apps');
    },
  );

  it('an artifact of an OCIRepository', () => {
    const oci =
      'apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: flux-system, namespace: flux-system}\nspec: {url: oci://registry.example.com/apps}\n';
    const built = withApps(
      joined(oci, kustomization('apps', 'apps').replace('GitRepository', 'OCIRepository')),
    );

    expect(states(built)).toMatchObject({ 'flux-system/apps': 'unknown' });
  });

  it('a GitRepository of a foreign group is no source', () => {
    const foreign = source('other', 'acme/shop').replace('source.toolkit.fluxcd.io', 'example.com');

    expect(states(withApps(joined(foreign, kustomization('apps', 'apps', '', 'other'))))).toMatchObject({
      'flux-system/apps': 'unknown',
    });
  });

  it('an object without a namespace, which Flux refuses', () => {
    const built = withApps(kustomization('apps', 'apps'), { 'apps/web.yaml': service('web') });

    expect(rules(built)).toContain('flux-namespace-missing');
    expect(states(built)).toMatchObject({ 'flux-system/apps': 'failed' });
  });

  it('a variable that nothing sets, which Flux refuses', () => {
    const built = withApps(kustomization('apps', 'apps', 'postBuild: {substitute: {a: b}}\n'), {
      'apps/web.yaml': service('web', '${team}'),
    });

    expect(rules(built)).toContain('flux-refuses-variables');
    expect(states(built)).toMatchObject({ 'flux-system/apps': 'failed' });
  });

  it('a suspended source', () => {
    const still = source('still', 'acme/fleet').replace('spec: {', 'spec: {suspend: true, ');

    expect(states(withApps(joined(still, kustomization('apps', 'apps', '', 'still'))))).toMatchObject({
      'flux-system/apps': 'frozen',
    });
  });

  it('what a source brings in from other repositories', () => {
    const more = (spec: string) =>
      joined(
        source('more', 'acme/fleet').replace('spec: {', `spec: {${spec}, `),
        kustomization('apps', 'apps', '', 'more'),
      );

    expect(states(withApps(more('include: [{repository: {name: shop}, toPath: ./apps/x}]')))).toMatchObject({
      'flux-system/apps': 'unknown',
    });
    expect(states(withApps(more('include: [{repository: {name: shop}}]')))).toMatchObject({
      'flux-system/apps': 'built',
    });
  });

  it('a directory that the source leaves out', () => {
    const built = withApps(kustomization('apps', 'apps'), { '.sourceignore': '/*\n!/clusters/\n' });

    expect(appsOf(built)).toMatchObject({ state: 'failed' });
    expect(appsOf(built)?.why).toBe('the source leaves out all of apps in acme/fleet');
  });

  it('an object with two owners', () => {
    expect(rules(withApps(joined(kustomization('apps', 'apps'), kustomization('again', 'apps'))))).toEqual([
      'flux-two-owners',
    ]);
  });
});

describe('hostile entries end', () => {
  it('Kustomizations that build each other', () => {
    const built = cluster({
      'acme/fleet': {
        ...root,
        'clusters/lab/a.yaml': kustomization('a', 'a'),
        'a/b.yaml': kustomization('b', 'b'),
        'b/a.yaml': kustomization('a', 'a'),
      },
    });

    expect(states(built)).toMatchObject({ 'flux-system/a': 'built', 'flux-system/b': 'built' });
    expect(rules(built)).toEqual(['flux-two-owners']);
  });

  it('a Kustomization that makes another of itself without end', () => {
    const built = cluster({
      'acme/fleet': {
        ...root,
        'clusters/lab/a.yaml': kustomization('a', 'a'),
        'a/a.yaml': kustomization('next', 'a', 'nameSuffix: -x\n'),
      },
    });

    expect(built.builds.length).toBeLessThan(10);
  });

  it('a Kustomization whose name grows with each round', () => {
    const built = cluster({
      'acme/fleet': {
        ...root,
        'clusters/lab/a.yaml': kustomization('a', 'a', 'postBuild: {substitute: {n: a}}\n'),
        'a/a.yaml': kustomization('k-${n}', 'a', 'postBuild: {substitute: {n: "${n}x"}}\n'),
      },
    });

    expect(rules(built)).toContain('flux-not-settled');
    expect(built.builds.length).toBeLessThan(100);
  });
});
