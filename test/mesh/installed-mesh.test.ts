import { expect, it } from 'vitest';
import { readTree } from '../../src/kustomize/read-tree.ts';
import { ambientSign, installedMesh } from '../../src/mesh/installed-mesh.ts';
import type { RepoPath } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';

const meshOf = (...objects: readonly string[]) => installedMesh(manifestsOf(...objects));

function manifestsOf(...objects: readonly string[]) {
  const files = { 'kustomization.yaml': 'resources: [all.yaml]\n', 'all.yaml': objects.join('---\n') };
  return readTree(repository(files), '' as RepoPath).value?.manifests ?? [];
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

it('takes the revision of the istiod where no namespace has a label yet', () => {
  const canary = istiod('1.29.4').replace('spec: {', 'spec: {values: {revision: canary}, ');
  const open = istiod('1.29.4').replace('spec: {', 'spec: {values: {revision: "${rev}"}, ');

  expect(meshOf(istiod('1.29.4')).revision).toBe('default');
  expect(meshOf(canary).revision).toBe('canary');
  expect(meshOf(open).revision).toBeUndefined();
  expect(meshOf(canary, namespace('a', 'istio.io/rev: prod')).revision).toBe('prod');
});

it('sees the ambient mode by ztunnel and by the profile of the releases', () => {
  const ztunnel = istiod('1.29.4').replaceAll('istiod', 'ztunnel');
  const profile = istiod('1.29.4').replace('spec: {', 'spec: {values: {profile: ambient}, ');

  expect(ambientSign(manifestsOf(ztunnel))?.builtName).toBe('ztunnel');
  expect(ambientSign(manifestsOf(profile))?.builtName).toBe('istiod');
  expect(
    ambientSign(manifestsOf(istiod('1.29.4'), namespace('a', 'istio-injection: enabled'))),
  ).toBeUndefined();
});
