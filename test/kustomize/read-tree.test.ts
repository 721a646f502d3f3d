import { describe, expect, it } from 'vitest';
import { readTree } from '../../src/kustomize/read-tree.ts';
import type { RepoPath } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';

describe('a base that overlays share', () => {
  it('is read once, however large it is', () => {
    const snapshot = repository({
      'base/kustomization.yaml': 'resources: [crd.yaml]\n',
      'base/crd.yaml': `kind: CustomResourceDefinition\nmetadata: {name: workflows}\nspec: {text: ${'long '.repeat(30_000)}end}\n`,
      'lab/kustomization.yaml': 'resources: [../base]\ncommonLabels: {stage: lab}\n',
      'prod/kustomization.yaml': 'resources: [../base]\ncommonLabels: {stage: prod}\n',
    });
    const [lab, prod] = ['lab', 'prod'].map(
      (each) => readTree(snapshot, each as RepoPath).value?.manifests[0],
    );

    expect(lab?.written).toBeDefined();
    expect(lab?.written).toBe(prod?.written);
    expect([lab, prod].map((each) => each?.built.metadata)).toEqual([
      { name: 'workflows', labels: { stage: 'lab' } },
      { name: 'workflows', labels: { stage: 'prod' } },
    ]);
  });
});
