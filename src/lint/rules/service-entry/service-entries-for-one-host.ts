import type { Resource } from '../../../model/resource.ts';
import { describeResource } from '../../../model/resource.ts';
import { claimsOf } from '../../facts/entry-claims.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'service-entries-for-one-host',
  severity: 'warning',
  kinds: ['ServiceEntry'],
  summary: 'ServiceEntries that resolve one host and port in different ways',
  why: 'A proxy that sees both uses one of them: that of its own namespace, else the oldest. Endpoints, resolution or location of the other have no effect there, and which one that is depends on the cluster. Entries that say the same, and entries that no namespace sees together, are left alone.',
  fix: 'Keep one entry for the host, or keep them apart with `exportTo: ["."]`.',
  equivalent: ['KIA1211'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/service-entry/',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    const told = new Set<Resource>();
    for (const { host, port, claims } of claimsOf(inventory))
      for (const { entry, rivals } of claims) {
        const own = resolutionOf(entry.resource);
        const other = rivals.find((rival) => resolutionOf(rival.entry.resource) !== own);
        if (other === undefined || told.has(entry.resource)) continue;
        told.add(entry.resource);
        const at = entry.hosts.indexOf(host);
        yield {
          resource: entry.resource,
          path: ['spec', 'hosts', at],
          message: `${describeResource(other.entry.resource)} has port ${String(port)} of ${host} too and resolves it otherwise, and proxies use one of the two.`,
        };
      }
  },
});

/** How an entry finds its endpoints, as a text to compare. */
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
