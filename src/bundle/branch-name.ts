import type { ForgeSpec, Target } from '../model/fleet.ts';

/** What a pull request is for: each has a branch of its own. */
export type BranchUse = 'stage' | 'rollback' | 'upgrade';

/** The head branch of a target's pull request: `meshwright/shop@lab.joined`, `meshwright/cluster/lab-eu-1.strict`. Names of
 *  namespaces, environments and clusters are lower-case letters, digits and dashes, so neither `@` nor `.` can be a part of
 *  one: two targets, or two uses of one, never share a name, not on a file system that ignores case either, and no name is
 *  a folder of another.
 *  @see https://git-scm.com/docs/git-check-ref-format */
export function branchOf(target: Target, forge: ForgeSpec, use: BranchUse): string {
  const place =
    target.kind === 'cluster' ? `cluster/${target.cluster}` : `${target.namespace}@${target.environment}`;
  return `${forge.branchPrefix}/${place}.${lastPart(target, use)}`;
}

/** The name that earlier versions gave the same branch. Several targets can have the same one (`shop@eu-lab`,
 *  `shop-eu@lab`), so whose a branch of this name is, only its content tells. */
export function formerBranchOf(target: Target, forge: ForgeSpec, use: BranchUse): string {
  const place =
    target.kind === 'cluster' ? `cluster/${target.cluster}` : `${target.namespace}-${target.environment}`;
  return `${forge.branchPrefix}/${place}-${lastPart(target, use)}`;
}

function lastPart({ stage }: Target, use: BranchUse): string {
  if (use === 'upgrade') return 'upgrade';
  return use === 'rollback' ? `back-to-${stage}` : stage;
}

/** The names of earlier versions that only one target and use of the fleet can have had: where nobody looks at the content
 *  of a branch, only these say whose it is. */
export function distinctFormerNames(targets: readonly Target[], forge: ForgeSpec): ReadonlySet<string> {
  const owners = new Map<string, number>();
  for (const target of targets)
    for (const [staged, use] of usesOf(target)) {
      const name = formerBranchOf(staged, forge, use);
      owners.set(name, (owners.get(name) ?? 0) + 1);
    }
  return new Set([...owners].filter(([, count]) => count === 1).map(([name]) => name));
}

/** Everything a target can ever have a branch for. */
function usesOf(target: Target): readonly (readonly [Target, BranchUse])[] {
  const stages =
    target.kind === 'cluster'
      ? (['permissive', 'strict'] as const)
      : (['outside', 'joined', 'enforced'] as const);
  const staged = stages.map((stage) => ({ ...target, stage }) as Target);
  return [
    ...staged.map((each) => [each, 'stage'] as const),
    ...staged.map((each) => [each, 'rollback'] as const),
    [target, 'upgrade'],
  ];
}
