import { keyOf } from '../model/key-of.ts';
import { listIn } from '../model/list-in.ts';
import type { Problem } from '../model/problem.ts';
import { loadFleet } from './load.ts';
import type { NamespaceEntry } from './schema.ts';

/** Entries that load together, and what was left out of them, and why. */
export interface LoadableEntries {
  readonly entries: readonly NamespaceEntry[];
  readonly problems: readonly Problem[];
}

/** Namespaces as manifests show them, without what no fleet file can say: one that does not load is of no use to anybody, and one
 *  entry would stop all the others.
 *  @param environments  names of all environments, for entries that name none
 *  @param textOf  the fleet file with such entries
 *  @returns problems `scan-host-split` and `scan-namespace-left-out` */
export function loadable(
  found: readonly NamespaceEntry[],
  environments: readonly string[],
  textOf: (entries: readonly NamespaceEntry[]) => string,
): LoadableEntries {
  const whole = withoutSplitHosts(found, environments);
  if (loadFleet(textOf(whole.entries), 'fleet.yaml').ok) return whole;
  const problems = [...whole.problems];
  const entries = whole.entries.filter((entry) => {
    const alone = loadFleet(textOf([entry]), 'fleet.yaml');
    // What it says of other namespaces is not wrong for being read alone.
    const why = alone.problems.find(({ severity, rule }) => severity === 'error' && !isAboutOthers(rule));
    if (why === undefined) return true;
    problems.push({
      rule: 'scan-namespace-left-out',
      severity: 'warning',
      message: `Namespace "${entry.name}" is not in the file, because it could not be loaded: ${why.message}`,
      fix: 'Add it by hand, or with meshwright new.',
    });
    return false;
  });
  return { entries, problems };
}

function isAboutOthers(rule: string): boolean {
  return rule.startsWith('fleet-unknown-');
}

/** Without hosts that lead to several services by path: a fleet says one service for a host, and its route would take the others'
 *  requests away. */
function withoutSplitHosts(
  found: readonly NamespaceEntry[],
  environments: readonly string[],
): LoadableEntries {
  const claims = new Map<string, string[]>();
  const claimsOf = (entry: NamespaceEntry, host: string) =>
    (Array.isArray(entry.environments) ? entry.environments : environments).map((environment) =>
      keyOf(environment, host.replaceAll('{environment}', environment)),
    );
  for (const entry of found)
    for (const service of entry.services ?? [])
      for (const host of new Set(service.hosts))
        for (const claim of claimsOf(entry, host))
          listIn(claims, claim).push(`${entry.name}/${service.name}`);
  const split = new Map<string, readonly string[]>();
  const entries = found.map((entry) => ({
    ...entry,
    ...(entry.services !== undefined && {
      services: entry.services.map((service) => {
        const { hosts, ...rest } = service;
        if (hosts === undefined) return service;
        const kept = [...new Set(hosts)].filter((host) => {
          const others = claimsOf(entry, host).flatMap((claim) => claims.get(claim) ?? []);
          const named = [...new Set(others)];
          if (named.length > 1) split.set(host, named);
          return named.length === 1;
        });
        return { ...rest, ...(kept.length > 0 && { hosts: kept }) };
      }),
    }),
  }));
  const problems = [...split].map(([host, services]): Problem => ({
    rule: 'scan-host-split',
    severity: 'warning',
    message: `Host ${host} leads to ${services.join(' and ')}, so it is in none of them: a fleet routes a host to one service, and the others would lose their requests.`,
    fix: 'Keep a VirtualService of your own for it, or declare it for the service that is to get all of it.',
  }));
  return { entries, problems };
}
