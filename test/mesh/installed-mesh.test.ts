import { expect, it } from 'vitest';
import { readTree } from '../../src/kustomize/read-tree.ts';
import { installedMesh } from '../../src/mesh/installed-mesh.ts';
import type { RepoPath } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';

function meshOf(...objects: readonly string[]) {
  const files = { 'kustomization.yaml': 'resources: [all.yaml]\n', 'all.yaml': objects.join('---\n') };
  return installedMesh(readTree(repository(files), '' as RepoPath).value?.manifests ?? []);
}

const namespace = (name: string, labels: string) =>
  `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {${labels}}}\n`;
const istiod = (version: string) => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: istiod, namespace: istio-system}
spec: {chart: {spec: {chart: istiod, version: "${version}", sourceRef: {kind: HelmRepository, name: istio}}}}
`;

it('takes the revision that most namespaces have', () => {
  const objects = [
    namespace('a', 'istio.io/rev: canary'),
    namespace('b', 'istio.io/rev: prod'),
    namespace('c', 'istio.io/rev: prod'),
    namespace('d', 'istio-injection: enabled'),
    namespace('e', 'istio.io/rev: "${REVISION}"'),
  ];

  expect(meshOf(...objects).revision).toBe('prod');
});

it('takes the default revision where namespaces only have injection on', () => {
  expect(meshOf(namespace('a', 'istio-injection: enabled')).revision).toBe('default');
});

it('says nothing where there is no mesh, or injection is off', () => {
  expect(meshOf(namespace('a', 'team: a'), namespace('b', 'istio-injection: disabled'))).toEqual({
    revision: undefined,
    istioVersion: undefined,
  });
});

it('takes an exact version of istiod, and no range', () => {
  expect(meshOf(istiod('1.29.4')).istioVersion).toBe('1.29.4');
  expect(meshOf(istiod('1.29.x')).istioVersion).toBeUndefined();
});
