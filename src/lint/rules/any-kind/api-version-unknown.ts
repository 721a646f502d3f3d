import { groupsOf, servedVersions } from '../../schema/schema.ts';
import { rule } from '../../rule.ts';

/** APIs that Istio removed. */
const removed: ReadonlyMap<string, string> = new Map([
  ['rbac.istio.io', 'AuthorizationPolicy of security.istio.io/v1'],
  ['authentication.istio.io', 'PeerAuthentication and RequestAuthentication of security.istio.io/v1'],
  ['config.istio.io', 'Telemetry of telemetry.istio.io/v1, or an EnvoyFilter for rate limits'],
]);

export default rule({
  id: 'api-version-unknown',
  severity: 'error',
  kinds: ['VirtualService', 'AuthorizationPolicy', 'Telemetry'],
  summary: 'an Istio object whose API group or version no supported Istio release serves',
  why: 'The API server answers `no matches for kind`, and Flux does not apply anything of the Kustomization. If CRDs of an old Istio are still installed, the object is stored but nothing reads it: an RBAC rule from 2019 protects nothing. istioctl skips kinds it does not know, so it reports such a file as valid.',
  fix: 'Use the version that Istio serves: `v1` for the common kinds.',
  equivalent: ['IST0002'],
  see: [
    'https://istio.io/latest/docs/reference/config/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0002/',
  ],
  *check(inventory) {
    for (const resource of inventory.resources) {
      const { apiVersion, group, kind } = resource;
      if (!group.endsWith('.istio.io') || group === 'install.istio.io') continue;
      const instead = removed.get(group);
      const versions = servedVersions(group, kind);
      const [right] = groupsOf(kind);
      if (versions?.includes(apiVersion.slice(group.length + 1)) === true) continue;
      const newest = versions?.[0];
      if (instead !== undefined)
        yield {
          resource,
          path: ['apiVersion'],
          message: `Istio no longer has the API group ${group}, so nothing reads this ${kind}.`,
          fix: `Replace it with ${instead}.`,
        };
      else if (newest !== undefined)
        yield {
          resource,
          path: ['apiVersion'],
          message: `Istio serves ${kind} as ${(versions ?? []).join(', ')}, not as "${apiVersion}".`,
          fix: `Set apiVersion: ${group}/${newest}.`,
        };
      else if (right !== undefined)
        yield {
          resource,
          path: ['apiVersion'],
          message: `${kind} belongs to ${right}; "${apiVersion}" has no such kind.`,
          fix: `Set apiVersion: ${right}/${servedVersions(right, kind)?.[0] ?? 'v1'}.`,
        };
    }
  },
});
