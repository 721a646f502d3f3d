import type { Fleet } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import type { Call } from '../model/traffic.ts';
import { scannedCalls } from '../traffic/scanned.ts';
import { Checkouts } from './checkouts.ts';
import { clusterScopes } from './cluster-scope.ts';
import { readInventory } from './read-inventory.ts';

/** The calls between workloads that the manifests of a fleet's repositories speak of, in any environment. Callers outside of
 *  the cluster have no place in a fleet file. */
export async function scanFleet(fleet: Fleet, forge: Forge): Promise<Outcome<readonly Call[]>> {
  const checkouts = new Checkouts(forge, fleet);
  const problems = new Map<string, Problem>();
  const found: Call[] = [];
  for (const place of clusterScopes(fleet, new Set(fleet.environments.map(({ name }) => name)))) {
    const inventory = await readInventory(place, fleet, checkouts, false);
    if (!inventory.ok) return inventory;
    for (const each of inventory.problems) problems.set(JSON.stringify(each), each);
    found.push(...scannedCalls(inventory.value).filter(isBetweenWorkloads));
  }
  return success(found, [...problems.values()]);
}

/** Who calls its own Service is let in without being declared. */
function isBetweenWorkloads({ from, to }: Call): boolean {
  if (!('namespace' in from) || to.kind !== 'service') return false;
  return from.kind !== 'workload' || from.namespace !== to.namespace || from.name !== to.name;
}
