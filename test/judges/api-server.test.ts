import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anySpec, resourcesOf } from '../generators/specs.ts';
import { ApiServer, type Resource } from './harness/api-server.ts';
import { builtAt, stages, targets } from './harness/bundles.ts';
import { istioctlSays } from './harness/istioctl.ts';
import { allMutants, mutated } from './mutants.ts';
import { runs } from '../sampling.ts';

const fleets = runs(500, 100);

describe.each(['1.30', '1.31'])('a real API server with the types of Istio %s', (minor) => {
  const server = new ApiServer();

  beforeAll(async () => {
    await server.start(minor);
    for (const [, , , namespace] of targets) await server.createNamespace(namespace);
  });

  afterAll(async () => {
    await server.stop();
  });

  it.each(targets.flatMap(([target]) => stages.map((stage) => [target, stage] as const)))(
    'takes %s at %s: dry run, then applied twice without a change the second time',
    async (target, stage) => {
      const resources = builtAt(stage, target);

      for (const resource of resources) {
        const dry = await server.apply(resource, true);
        expect([resource.kind, resource.metadata.name, dry.status < 300 ? '' : dry.body.message]).toEqual([
          resource.kind,
          resource.metadata.name,
          '',
        ]);
        const first = await server.apply(resource, false);
        const second = await server.apply(resource, false);
        expect(first.status).toBeLessThan(300);
        expect(second.body.metadata?.resourceVersion).toBe(first.body.metadata?.resourceVersion);
      }
    },
  );

  it('refuses every mutant', async () => {
    const samples = new Map<string, Resource>();
    for (const resource of [...builtAt('enforced', 'bookinfo@lab'), ...builtAt('enforced', 'payments@lab')])
      if (resource.metadata.name !== 'deny-all')
        samples.set(resource.kind, samples.get(resource.kind) ?? resource);
    const said: string[] = [];
    for (const mutant of allMutants) {
      const sample = samples.get(mutant.kind);
      if (sample === undefined) throw new Error(`no ${mutant.kind} to break`);
      const bad = mutated(sample, mutant);
      const [good, answer] = [await server.apply(sample, true), await server.apply(bad, true)];
      expect(good.status).toBeLessThan(300);
      // What the types admit is left to Istio's own validation.
      const byIstio =
        answer.status < 400
          ? (await istioctlSays('validate', [bad])).find((line) => line.startsWith('*'))
          : undefined;
      const verdict =
        answer.status >= 400
          ? `API server: ${answer.body.message ?? ''}`
          : byIstio === undefined
            ? 'PASSED'
            : `istioctl: ${byIstio}`;
      said.push(`${mutant.kind}, ${mutant.name}\n  ${firstLine(verdict)}`);
    }
    const counts = new Map<string, number>();
    for (const { kind } of allMutants) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    expect(said.filter((line) => line.includes('PASSED'))).toEqual([]);
    await expect(`${said.join('\n')}\n`).toMatchFileSnapshot(
      new URL(`./mutants-${minor}.txt`, import.meta.url).pathname,
    );
    expect([...counts.values()].filter((count) => count < 10)).toEqual([]);
  });

  it(`takes what the generators write of ${String(fleets)} random fleets with hostile strings`, async () => {
    await fc.assert(
      fc.asyncProperty(anySpec, async (wanted) => {
        // Names of objects are checked by the fleet's loader before any generator sees them.
        for (const { value } of resourcesOf(wanted)) {
          const resource = value as unknown as Resource;
          if (!resource.apiVersion.includes('istio.io')) continue;
          const named = {
            ...resource,
            metadata: { ...resource.metadata, name: 'judged', namespace: 'bookinfo' },
          };
          const { status, body } = await server.apply(named, true);
          expect([status < 300, status < 300 ? '' : body.message]).toEqual([true, '']);
        }
      }),
      { numRuns: fleets },
    );
  });
});

/** The first line of a verdict, without what differs from run to run. */
function firstLine(verdict: string): string {
  return (verdict.split('\n').find((line) => line.trim() !== '') ?? '')
    .replace(/\/[^\s"]*all\.yaml/g, 'all.yaml')
    .slice(0, 240);
}
