// Five clusters as Flux builds them: every namespace has a Flux Kustomization of its own on each, from a repository of its team.
import { it } from 'vitest';
import type { Repositories } from '../src/flux/build.ts';
import { builtCluster } from '../src/flux/built-cluster.ts';
import type { RepoPath, RepositoryId } from '../src/model/named.ts';
import { repository } from '../test/fakes/repository.ts';

const clusters = ['c1', 'c2', 'c3', 'c4', 'c5'];
const app = (name: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {serviceAccountName: ${name}, containers: [{name: c, image: "x:\${tag:=1}"}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 8080}]}
`;

function worldOf(namespaces: number, teams: number): Repositories {
  const files = new Map<string, Record<string, string>>();
  const fleet: Record<string, string> = {};
  for (const cluster of clusters)
    fleet[`clusters/${cluster}/kustomization.yaml`] = 'resources: [teams.yaml]\n';
  const objects: string[] = [];
  for (let team = 0; team < teams; team++) {
    const name = `team-${String(team)}`;
    files.set(`acme/${name}`, {});
    objects.push(
      `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {url: "https://github.com/acme/${name}", ref: {branch: main}}\n`,
    );
  }
  for (let index = 0; index < namespaces; index++) {
    const team = `team-${String(index % teams)}`;
    const name = `app-${String(index)}`;
    const own = files.get(`acme/${team}`) ?? {};
    own[`${name}/base/app.yaml`] = app(name);
    own[`${name}/base/kustomization.yaml`] = 'resources: [app.yaml]\n';
    for (const cluster of clusters)
      own[`${name}/${cluster}/kustomization.yaml`] =
        `namespace: ${name}\nresources: [../base]\nlabels: [{pairs: {cluster: ${cluster}}}]\n`;
    objects.push(
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {path: ./${name}/CLUSTER, sourceRef: {kind: GitRepository, name: ${team}}, postBuild: {substitute: {tag: "2"}}}\n`,
    );
  }
  for (const cluster of clusters)
    fleet[`clusters/${cluster}/teams.yaml`] = objects.join('---\n').replaceAll('CLUSTER', cluster);
  files.set('acme/fleet', fleet);
  const snapshots = new Map([...files].map(([name, texts]) => [name, repository(texts)]));
  return {
    repositoryOf: (url) => url.split('/').slice(-2).join('/') as RepositoryId,
    snapshotOf: (name) => {
      const snapshot = snapshots.get(name);
      return snapshot === undefined ? 'there is none' : { snapshot, branch: 'main' };
    },
  };
}

it.each([
  [250, 100],
  [500, 200],
  [1000, 400],
  [2000, 800],
])('%i namespaces of %i repositories', (namespaces, teams) => {
  const repositories = worldOf(namespaces, teams);
  const begin = performance.now();
  const built = clusters.map((cluster) => {
    const entry = { repository: 'acme/fleet' as RepositoryId, directory: `clusters/${cluster}` as RepoPath };
    const { value } = builtCluster(entry, repositories);
    if (value === undefined) throw new Error(`${cluster} asks for files`);
    return value;
  });
  const milliseconds = performance.now() - begin;
  const builds = built.flatMap((each) => each.builds);
  const failed = builds.filter(({ state }) => state !== 'built').length;
  const objects = builds.reduce((sum, each) => sum + each.objects.length, 0);
  process.stdout.write(
    `${String(namespaces)} namespaces, ${String(teams)} repositories, 5 clusters: ${(milliseconds / 1000).toFixed(2)} s, ${(milliseconds / builds.length).toFixed(2)} ms a build; ${String(builds.length)} builds, ${String(failed)} not built, ${String(objects)} objects; ${String(Math.round(process.memoryUsage().rss / 2 ** 20))} MiB\n`,
  );
});
