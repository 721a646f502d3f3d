import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  branchOf,
  distinctFormerNames,
  formerBranchOf,
  type BranchUse,
} from '../../src/bundle/branch-name.ts';
import type { ForgeSpec, Target } from '../../src/model/fleet.ts';

const forge = { branchPrefix: 'meshwright' } as ForgeSpec;
const label = fc.oneof(
  // Names that look like parts of other names.
  fc
    .array(
      fc.constantFrom('a', 'eu', 'lab', 'back', 'to', 'joined', 'strict', 'cluster', 'upgrade', 'lock'),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((parts) => parts.join('-')),
  fc.stringMatching(/^[a-z0-9](?:[-a-z0-9]{0,8}[a-z0-9])?$/),
);
const target: fc.Arbitrary<Target> = fc.oneof(
  fc.record({
    kind: fc.constant('namespace'),
    namespace: label,
    environment: label,
    stage: fc.constantFrom('outside', 'joined', 'enforced'),
  }),
  fc.record({ kind: fc.constant('cluster'), cluster: label, stage: fc.constantFrom('permissive', 'strict') }),
) as unknown as fc.Arbitrary<Target>;
const use = fc.constantFrom<BranchUse>('stage', 'rollback', 'upgrade');

/** What a branch is for, as one text. */
function meaning(of: Target, how: BranchUse): string {
  const place = of.kind === 'cluster' ? ['cluster', of.cluster] : [of.namespace, of.environment];
  return JSON.stringify([...place, of.kind, how, how === 'upgrade' ? '' : of.stage]);
}

const namespace = (name: string, environment: string, stage = 'joined') =>
  ({ kind: 'namespace', namespace: name, environment, stage }) as unknown as Target;

describe('the name of a branch', () => {
  it('is another for each target and use, in any case, and no folder of another', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(target, use), { minLength: 2, maxLength: 30 }), (all) => {
        const names = new Map(
          all.map(([of, how]) => [meaning(of, how), branchOf(of, forge, how).toLowerCase()]),
        );
        expect(new Set(names.values()).size).toBe(names.size);
        for (const name of names.values())
          for (const other of names.values()) expect(other.startsWith(`${name}/`)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('is one that git takes, also beside those of earlier versions', () => {
    const some = fc.sample(fc.tuple(target, use), 40);
    for (const [of, how] of some) {
      const name = branchOf(of, forge, how);
      expect(execFileSync('git', ['check-ref-format', '--branch', name], { encoding: 'utf8' }).trim()).toBe(
        name,
      );
      for (const [other, otherUse] of some) {
        const former = formerBranchOf(other, forge, otherUse);
        expect(former === name || former.startsWith(`${name}/`) || name.startsWith(`${former}/`)).toBe(false);
      }
    }
  });

  it('says the target as people write it', () => {
    expect(branchOf(namespace('shop', 'eu-lab'), forge, 'stage')).toBe('meshwright/shop@eu-lab.joined');
    expect(branchOf(namespace('shop', 'lab', 'outside'), forge, 'rollback')).toBe(
      'meshwright/shop@lab.back-to-outside',
    );
  });
});

describe('the name that earlier versions gave', () => {
  it('counts only where one target and use alone can have had it', () => {
    const names = distinctFormerNames(
      [namespace('shop', 'eu-lab'), namespace('shop-eu', 'lab'), namespace('pay', 'lab')],
      forge,
    );

    expect(names.has('meshwright/shop-eu-lab-joined')).toBe(false);
    expect(names.has('meshwright/pay-lab-joined')).toBe(true);
  });

  it('is shared by a rollback and the stage of an environment of that name', () => {
    const names = distinctFormerNames([namespace('shop', 'lab'), namespace('shop', 'lab-back-to')], forge);

    expect(names.has('meshwright/shop-lab-back-to-joined')).toBe(false);
    expect(names.has('meshwright/shop-lab-joined')).toBe(true);
  });
});
