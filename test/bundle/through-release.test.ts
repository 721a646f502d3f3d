import { expect, it } from 'vitest';
import { throughRelease } from '../../src/bundle/through-release.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { RepoPath } from '../../src/model/named.ts';
import type { YamlEdit } from '../../src/model/edit.ts';
import { helmRelease } from '../../src/flux/helm-release.ts';
import { renderedObjects } from '../../src/flux/rendered-objects.ts';
import { readTree } from '../../src/kustomize/read-tree.ts';
import type { RepositoryId } from '../../src/model/named.ts';
import { editYaml } from '../../src/yaml/edit.ts';
import { repository } from '../fakes/repository.ts';

const text = `# The cache.
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cache, namespace: flux-system}
spec:
  targetNamespace: shop # not ours
  chart: {spec: {chart: charts/cache}}
`;
const output = `---
# Source: cache/templates/app.yaml
apiVersion: v1
kind: Service
metadata: {name: cache, labels: {app: cache}}
spec: {ports: [{name: redis, port: 6379}]}
`;

function rendered(file: string): { readonly service: Manifest; readonly release: Manifest } {
  const { value } = readTree(repository({ 'a.yaml': file }), '' as RepoPath);
  const [release] = value?.manifests ?? [];
  const found = release && helmRelease({ repository: 'acme/fleet' as RepositoryId, manifest: release });
  const [service] = (found && renderedObjects(output, found, () => undefined).manifests) ?? [];
  if (release === undefined || service === undefined) throw new Error('nothing is rendered');
  return { service, release };
}

function changed(file: string, edits: readonly YamlEdit[]): string {
  const { service, release } = rendered(file);
  const through = throughRelease(service, release, edits);
  if (!through.ok) throw new Error(JSON.stringify(through.problems));
  const edited = editYaml(file, 'a.yaml', release.document, through.value);
  if (!edited.ok) throw new Error(JSON.stringify(edited.problems));
  return edited.value;
}

const name = (value: string): YamlEdit => ({ op: 'set', path: ['spec', 'ports', 0, 'name'], value });

it('changes an object of a chart through a post-renderer of its release, and nothing else of the file', () => {
  const after = changed(text, [name('tcp-redis')]);

  expect(after.startsWith(text)).toBe(true);
  expect(rendered(after).service.built.spec).toEqual({ ports: [{ name: 'tcp-redis', port: 6379 }] });
});

it('has nothing to do the second time, and changes its own patch when it must say something else', () => {
  const once = changed(text, [name('tcp-redis')]);

  expect(changed(once, [name('tcp-redis')])).toBe(once);
  const twice = changed(once, [name('redis-tcp')]);
  expect(rendered(twice).service.built.spec).toEqual({ ports: [{ name: 'redis-tcp', port: 6379 }] });
  expect(twice.split('\n')).toHaveLength(once.split('\n').length);
});

it('leaves patches of people alone', () => {
  const own = `${text}  postRenderers:
    - kustomize:
        patches:
          - target: {kind: Service, name: cache}
            patch: '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cache"}, "spec": {"type": "NodePort"}}'
`;

  const after = changed(own, [name('tcp-redis')]);

  expect(after.startsWith(own)).toBe(true);
  expect(rendered(after).service.built.spec).toEqual({
    type: 'NodePort',
    ports: [{ name: 'tcp-redis', port: 6379 }],
  });
});

it('says that no post-renderer takes a label away', () => {
  const { service, release } = rendered(text);

  const through = throughRelease(service, release, [{ op: 'delete', path: ['metadata', 'labels', 'app'] }]);

  expect(through).toMatchObject({
    ok: false,
    problems: [{ rule: 'bundle-cannot-edit', file: 'a.yaml', line: 6 }],
  });
});
