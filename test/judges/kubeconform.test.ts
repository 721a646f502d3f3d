import { afterAll, describe, expect, it } from 'vitest';
import { builtAt, stages, targets } from './harness/bundles.ts';
import { Kubeconform } from './harness/kubeconform.ts';
import type { Resource } from './harness/api-server.ts';
import { allMutants, mutated } from './mutants.ts';

const ofIstio = ({ apiVersion }: Resource) => apiVersion.includes('.istio.io/');

describe.each(['1.30', '1.31'])('kubeconform with the schemas of Istio %s', (minor) => {
  const kubeconform = new Kubeconform(minor);
  afterAll(() => {
    kubeconform.remove();
  });

  it.each(targets.flatMap(([target]) => stages.map((stage) => [target, stage] as const)))(
    'finds %s at %s valid',
    (target, stage) => {
      const resources = builtAt(stage, target).filter(ofIstio);

      expect(resources.length).toBeGreaterThan(0);
      expect(kubeconform.says(resources)).toEqual([]);
    },
  );

  it('is awake: it refuses a wrong field, type or enum of every kind', () => {
    const samples = new Map(
      [...builtAt('enforced', 'bookinfo@lab'), ...builtAt('enforced', 'payments@lab')]
        .filter(ofIstio)
        .filter(({ metadata }) => metadata.name !== 'deny-all')
        .map((resource) => [resource.kind, resource]),
    );
    const refused = new Map([...samples.keys()].map((kind) => [kind, 0]));
    for (const mutant of allMutants) {
      const sample = samples.get(mutant.kind);
      if (sample !== undefined && kubeconform.says([mutated(sample, mutant)]).length > 0)
        refused.set(mutant.kind, (refused.get(mutant.kind) ?? 0) + 1);
    }

    // Schemas know no CEL rules and nothing of Istio's own validation, so not every mutant is theirs to see.
    expect([...refused].filter(([, count]) => count < 5)).toEqual([]);
    expect(refused.size).toBe(5);
  });
});
