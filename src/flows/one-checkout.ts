import { clusterEntries, clusterName } from '../flux/cluster-entries.ts';
import type { RepositoryId } from '../model/named.ts';
import type { Tree } from '../model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import type { RepositorySource } from './checkouts.ts';
import type { FoundEntries } from './cluster-scope.ts';
import { checkoutOf, readUntil } from './read-until.ts';

/** The rule that says: what is asked for is in another repository than the checkout. */
export const otherRepository = 'apply-other-repository';

/** Whether something was not read because it is not in the one checkout that there is. */
export function isOtherRepository({ problems }: { readonly problems: readonly Problem[] }): boolean {
  return problems.some(({ rule }) => rule === otherRepository);
}

/** A checkout as the only repository that can be read: what any other holds is unknown, which stops no reading. */
export function onlyCheckout(repository: RepositoryId, tree: Tree): RepositorySource {
  return {
    host: undefined,
    state: (asked) =>
      Promise.resolve(
        asked === repository
          ? success({ repository, baseBranch: '', base: tree, branch: undefined })
          : failure({
              rule: otherRepository,
              severity: 'error',
              message: `${asked} is not this checkout, so it was not read.`,
            }),
      ),
  };
}

/** Where Flux begins the clusters that a checkout shows, by their names. */
export async function entriesIn(repository: RepositoryId, tree: Tree): Promise<Outcome<FoundEntries>> {
  const found = await readUntil(checkoutOf(tree), clusterEntries);
  if (!found.ok) return found;
  return success(
    new Map(found.value.value.map((directory) => [clusterName(directory), { repository, directory }])),
  );
}
