import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderTarget } from '../../src/bundle/plan-target.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import type { ClusterTarget } from '../../src/model/fleet.ts';
import { isObject, listAt, objectAt, stringAt, type JsonValue } from '../../src/model/json.ts';
import { readYaml } from '../../src/yaml/read.ts';
import { templates } from '../fakes/templates.ts';
import { runs } from '../sampling.ts';

const fleet = loadFleet(
  readFileSync(new URL('../../examples/fleet.yaml', import.meta.url), 'utf8'),
  'fleet.yaml',
);
const [cluster] = fleet.ok ? fleet.value.targets.filter((target) => target.kind === 'cluster') : [];
if (cluster === undefined) throw new Error('the examples have no cluster');

/** Text that breaks out of a scalar when it is only pasted. */
const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary-ascii', maxLength: 40 }),
  fc.constantFrom(
    '"',
    "'",
    '\n---\nkind: Secret',
    '${x}',
    '$${x}',
    '${x:=y}',
    '{{evil}}',
    ': a',
    ' # b',
    '&a',
    '*a',
    'yes',
    '1e3',
    '\u0085',
    '\u2028- a',
  ),
);

function objectsOf(text: string): readonly JsonValue[] {
  const stream = readYaml(text, 'rendered.yaml');
  if (!stream.ok) throw new Error(`${JSON.stringify(stream.problems)}\n${text}`);
  return stream.value.documents.map(({ value }) => value);
}

it('keeps every text of a fleet inside its scalar, and out of Flux’s hands', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (tag, annotation, variable) => {
      const { spec } = cluster;
      const { tracing } = spec.controlPlane;
      const target: ClusterTarget = {
        ...cluster,
        spec: {
          ...spec,
          variables: { mine: variable },
          ...(spec.loadBalancer !== undefined && {
            loadBalancer: {
              ...spec.loadBalancer,
              annotations: { 'alb.ingress.kubernetes.io/tags': annotation },
            },
          }),
          controlPlane: {
            ...spec.controlPlane,
            tracing: tracing === undefined ? undefined : { ...tracing, tags: { owner: tag } },
          },
        },
      };
      const files = new Map<string, string>(
        renderTarget(target, templates).bundles[0]?.changes.map(({ path, after }) => [path, after ?? '']),
      );
      const of = (path: string) => objectsOf(files.get(path) ?? '');
      for (const text of files.values())
        expect(objectsOf(text).every((value) => isObject(value) && typeof value.kind === 'string')).toBe(
          true,
        );

      const [telemetry] = of('infrastructure/mesh/base/config/telemetry.yaml');
      const tags = objectAt(listAt(telemetry, 'spec', 'tracing')[0] ?? null, 'customTags');
      expect(givenOut(stringAt(tags, 'owner', 'literal', 'value'))).toBe(tag);
      const [variables] = of('clusters/lab-eu-1/mesh-variables.yaml');
      expect(stringAt(variables ?? null, 'data', 'mine')).toBe(variable);
      const links = of('clusters/lab-eu-1/mesh.yaml');
      const patches = links.flatMap((link) => listAt(link, 'spec', 'patches'));
      const [ingress] = objectsOf(stringAt(patches[0] ?? null, 'patch') ?? '');
      const value = objectAt(ingress ?? null, 'metadata', 'annotations')['alb.ingress.kubernetes.io/tags'];
      expect(givenOut(value)).toBe(annotation);
    }),
    { numRuns: runs(500, 100) },
  );
});

/** What Flux makes of a text: two dollar signs are one, wherever they stand; undefined: it would fill something in.
 *  @see https://github.com/fluxcd/pkg/tree/main/envsubst */
function givenOut(text: JsonValue | undefined): string | undefined {
  if (typeof text !== 'string' || text.replaceAll('$$', '').includes('${')) return undefined;
  return text.replaceAll('$$', () => '$');
}
