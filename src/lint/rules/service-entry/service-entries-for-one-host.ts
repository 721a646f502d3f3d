import type { Resource } from '../../../model/resource.ts';
import { describeResource } from '../../../model/resource.ts';
import { disagreements, type EntryClaim } from '../../facts/entry-claims.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'service-entries-for-one-host',
  severity: 'warning',
  kinds: ['ServiceEntry'],
  summary: 'ServiceEntries that resolve the same host and port differently',
  why: 'A proxy that sees both uses only one: the one in its own namespace, or else the oldest. The endpoints, resolution and location of the other have no effect for it, and which one is older depends on the cluster. The rule does not report identical ServiceEntries, or those that no namespace sees together.',
  fix: 'Keep one ServiceEntry for the host, or separate them with `exportTo: ["."]`.',
  equivalent: ['KIA1211'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/service-entry/',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    const reported = new Set<Resource>();
    const valueOf = ({ entry }: EntryClaim) => inventory.once(resolutionOf, entry.resource);
    for (const { claim, other } of disagreements(inventory, valueOf)) {
      const { entry, host, hostIndex, port } = claim;
      if (reported.has(entry.resource)) continue;
      reported.add(entry.resource);
      yield {
        resource: entry.resource,
        path: ['spec', 'hosts', hostIndex],
        message: `${describeResource(other.entry.resource)} resolves port ${String(port)} of ${host} differently, and a proxy that sees both uses only one.`,
      };
    }
  },
});

/** How an entry finds its endpoints, as a string to compare. */
function resolutionOf({ spec }: Resource): string {
  const { resolution, location, addresses, endpoints, workloadSelector } = spec;
  return JSON.stringify([
    resolution ?? 'NONE',
    location ?? 'MESH_EXTERNAL',
    addresses ?? [],
    endpoints ?? [],
    workloadSelector ?? {},
  ]);
}
