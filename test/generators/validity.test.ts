import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namespaceGenerators } from '../../generators/namespace/index.ts';
import { stringAt, stringsAt } from '../../src/model/json.ts';
import { istioMinors, validateResource } from '../schemas/validate.ts';
import { anySpec, resourcesOf } from './specs.ts';
import { runs } from '../sampling.ts';

const wellFormed = (text: string) => text.replace(/\p{Cs}/gu, '\uFFFD');

describe('what the generators write', () => {
  it('is accepted by the CRDs of both newest Istio minors, whatever the strings are', () => {
    fc.assert(
      fc.property(anySpec, (wanted) => {
        const written = resourcesOf(wanted).filter(({ value }) =>
          stringAt(value, 'apiVersion')?.includes('istio.io'),
        );
        expect(written.length).toBeGreaterThan(0);
        for (const { value } of written)
          for (const minor of istioMinors) expect(validateResource(value, minor)).toEqual([]);
      }),
      { numRuns: runs(300, 60) },
    );
  });

  it('holds every string exactly, and no object that a string smuggled in', () => {
    fc.assert(
      fc.property(anySpec, (wanted) => {
        const written = resourcesOf(wanted);
        const of = (kind: string) => written.filter((each) => each.kind === kind);
        const routed = wanted.services.filter(({ hosts }) => hosts.length > 0);
        expect(of('DestinationRule')).toHaveLength(wanted.services.length);
        expect(of('Namespace')).toHaveLength(1);
        expect(of('VirtualService').map(({ value }) => stringsAt(value, 'spec', 'hosts'))).toEqual(
          routed.map(({ hosts }) => hosts.map(wellFormed)),
        );
        for (const { value } of [...of('Sidecar'), ...of('AuthorizationPolicy'), ...of('DestinationRule')])
          expect(stringAt(value, 'metadata', 'namespace')).toBe(wellFormed(wanted.namespace));
      }),
      { numRuns: runs(300, 60) },
    );
  });

  it('has the same objects at both stages', () => {
    fc.assert(
      fc.property(anySpec, (wanted) => {
        const names = (stage: 'joined' | 'enforced') =>
          resourcesOf({ ...wanted, stage }).map(({ path, kind, value }) => [
            path,
            kind,
            stringAt(value, 'metadata', 'name'),
          ]);
        expect(names('joined')).toEqual(names('enforced'));
      }),
      { numRuns: 50 },
    );
  });
});

it('says for each generator what it is for, at both stages', () => {
  for (const generator of namespaceGenerators)
    for (const stage of ['joined', 'enforced'] as const)
      expect(generator.why(stage)).toMatch(/^[A-Za-z].{20,}[^.]$/);
});
