import { groupsOf, servedVersions } from '../../schema/schema.ts';
import { rule } from '../../rule.ts';

/** APIs that Istio had once. */
const removed: ReadonlyMap<string, string> = new Map([
  ['rbac.istio.io', 'AuthorizationPolicy of security.istio.io/v1'],
  ['authentication.istio.io', 'PeerAuthentication and RequestAuthentication of security.istio.io/v1'],
  ['config.istio.io', 'Telemetry of telemetry.istio.io/v1, or an EnvoyFilter for rate limits'],
]);

export default rule({
  id: 'api-version-unknown',
  severity: 'error',
  kinds: ['VirtualService', 'AuthorizationPolicy', 'Telemetry'],
  summary: 'an Istio object of an API group or version that no supported Istio serves',
  why: 'The API server answers `no matches for kind`, and Flux stops at the whole Kustomization. Where the CRDs of an Istio long gone are still installed, the object is stored and nothing reads it: an RBAC rule of 2019 protects nothing. istioctl skips what it does not know, so it calls such a file valid.',
  fix: 'Write the version that Istio serves, `v1` for the common kinds.',
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
          message: `Istio has no API group ${group} any more, and nothing reads this ${kind}.`,
          fix: `Write it anew, as ${instead}.`,
        };
      else if (newest !== undefined)
        yield {
          resource,
          path: ['apiVersion'],
          message: `Istio serves ${kind} as ${(versions ?? []).join(', ')}, not as "${apiVersion}".`,
          fix: `Write apiVersion: ${group}/${newest}.`,
        };
      else if (right !== undefined)
        yield {
          resource,
          path: ['apiVersion'],
          message: `${kind} is a kind of ${right}, and "${apiVersion}" has none of that name.`,
          fix: `Write apiVersion: ${right}/${servedVersions(right, kind)?.[0] ?? 'v1'}.`,
        };
    }
  },
});
