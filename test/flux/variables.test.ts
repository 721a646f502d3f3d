import { describe, expect, it } from 'vitest';
import { builtCluster } from '../../src/flux/built-cluster.ts';
import type { RepoPath, RepositoryId } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';

const kustomization = (postBuild: string, more = '') => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  path: ./apps
  sourceRef: {kind: GitRepository, name: fleet}
  postBuild: ${postBuild}
${more}`;
const settings = `---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: flux-system}
data: {HOST: lab.example.com, PORT: "8080"}
`;

/** The spec of the one Service below `apps`, and the rules of what is said about it. */
function built(postBuild: string, spec: string, more = '') {
  const files = {
    'cluster/apps.yaml': kustomization(postBuild, more),
    'apps/web.yaml': `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: ${spec}
`,
  };
  const here = 'acme/fleet' as RepositoryId;
  const snapshot = repository(files);
  const entry = {
    repository: here,
    directory: 'cluster' as RepoPath,
    source: { kind: 'GitRepository', name: 'fleet' },
  };
  const { value } = builtCluster(entry, {
    repositoryOf: () => undefined,
    snapshotOf: () => ({ snapshot, branch: undefined }),
  });
  const service = value?.builds
    .flatMap(({ objects }) => objects)
    .find(({ manifest }) => manifest.kind === 'Service');
  const problems = value?.problems.filter(({ rule }) => rule !== 'flux-source-assumed') ?? [];
  return { spec: service?.manifest.built.spec, rules: problems.map(({ rule }) => rule), problems };
}

describe('what Flux builds with variables', () => {
  it('escapes, defaults and numbers are as Flux has them', () => {
    expect(
      built(
        '{substitute: {HOST: lab}}',
        '{a: "$${HOST}", b: "${NAME:-x}", c: "${HOST}.example.com", d: "${N:=80}"}',
      ),
    ).toMatchObject({ spec: { a: '${HOST}', b: 'x', c: 'lab.example.com', d: 80 }, rules: [] });
  });

  it('a ConfigMap beside it sets variables, and its own go over them', () => {
    expect(
      built(
        '{substituteFrom: [{kind: ConfigMap, name: settings}], substitute: {HOST: prod}}',
        '{a: "${HOST}", b: "${PORT}"}',
        settings,
      ),
    ).toMatchObject({ spec: { a: 'prod', b: 8080 }, rules: [] });
  });

  it('what a Secret may hold is unknown, and said, whatever came before it', () => {
    const found = built(
      '{substituteFrom: [{kind: ConfigMap, name: settings}, {kind: Secret, name: keys}], substitute: {OWN: x}}',
      '{a: "${HOST}", b: "${TOKEN:-none}", c: "${OWN}"}',
      settings,
    );

    expect(found).toMatchObject({
      spec: { a: '${HOST}', b: '${TOKEN:-none}', c: 'x' },
      rules: ['flux-variables-unknown'],
    });
    expect(found.problems[0]).toMatchObject({
      severity: 'info',
      repository: 'acme/fleet',
      file: 'cluster/apps.yaml',
      line: 7,
    });
    expect(found.problems[0]?.message).toContain('HOST, TOKEN');
  });

  it('a ConfigMap of another namespace is not the one that is meant', () => {
    expect(
      built(
        '{substituteFrom: [{kind: ConfigMap, name: settings}]}',
        '{a: "${HOST}"}',
        settings.replace('flux-system', 'shop'),
      ),
    ).toMatchObject({ spec: { a: '${HOST}' }, rules: ['flux-variables-unknown'] });
  });

  it('a variable that nothing sets, and a name that is none, are said with their places', () => {
    const found = built('{substitute: {HOST: lab}}', '{a: "${REGION}"}');

    expect(found).toMatchObject({ spec: { a: '${REGION}' }, rules: ['flux-refuses-variables'] });
    expect(found.problems[0]).toMatchObject({ file: 'apps/web.yaml', line: 4 });
    expect(built('{substitute: {my-host: lab}}', '{a: x}').rules).toEqual(['flux-refuses-variables']);
  });

  it('nothing is filled in without a variable', () => {
    expect(built('{substitute: {}}', '{a: "${HOST:=lab}"}')).toMatchObject({
      spec: { a: '${HOST:=lab}' },
      rules: [],
    });
    expect(built('{substituteStrategy: Always}', '{a: "${HOST:=lab}"}')).toMatchObject({
      spec: { a: 'lab' },
      rules: [],
    });
  });
});
