import { objectAt } from '../../../model/json.ts';
import { describeResource } from '../../../model/resource.ts';
import {
  hostOf,
  shadowedMutualRule,
  subsetAt,
  tlsModeOf,
  topTlsMode,
  unmeshedBehind,
  whyPlainText,
} from '../../../mesh/declared-tls.ts';
import { trafficPolicies } from '../../../mesh/destination-rule.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { servicesCovered } from '../../../mesh/registry.ts';
import { rule, type Finding } from '../../rule.ts';

export default rule({
  id: 'explicit-mtls-lost',
  severity: 'warning',
  kinds: ['DestinationRule', 'PeerAuthentication', 'Service', 'ServiceEntry', 'Namespace'],
  summary: 'a DestinationRule without tls that overrides one with ISTIO_MUTUAL',
  why: 'DestinationRules are not merged: the more specific one replaces the mesh-wide one entirely, and a port in `portLevelSettings` replaces everything above it. Without `tls`, auto mTLS decides: pods with a sidecar still get mTLS, but calls to pods without one, which failed before, now go out in plaintext. A service with pods that are known to have no sidecar is better off that way and is not reported. The severity is error where calls go out in plaintext: auto mTLS is off, the service is headless and has a pod without a sidecar, DISABLE for the namespace or mesh hides a STRICT workload, or the host is outside the mesh.',
  fix: 'Add `tls: {mode: ISTIO_MUTUAL}` once every pod behind the host has a sidecar.',
  equivalent: ['KIA0204'],
  see: [
    'https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/#auto-mtls',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule')) {
      const host = hostOf(resource, inventory);
      // A rule with only a host exists to exclude that host from a wildcard.
      const { trafficPolicy, subsets } = resource.spec;
      if (hasPlaceholder(host) || (trafficPolicy === undefined && subsets === undefined)) continue;
      const top = topTlsMode(resource);
      const lost = top === undefined ? shadowedMutualRule(resource, inventory) : undefined;
      if (lost !== undefined) {
        const why = whyPlainText(host, objectAt(trafficPolicy), inventory);
        // Pods that could not answer mTLS are better off so.
        if (why === undefined && hasUnmeshed(host, inventory)) continue;
        yield {
          resource,
          path: trafficPolicy === undefined ? ['spec', 'subsets'] : ['spec', 'trafficPolicy'],
          at: 'key',
          ...verdict(`This DestinationRule overrides ${describeResource(lost)} and its ISTIO_MUTUAL`, why),
        };
      }
      for (const { path, policy, port } of trafficPolicies(resource)) {
        if (port === undefined || tlsModeOf(policy) !== undefined) continue;
        const above = tlsModeOf(objectAt(subsetAt(resource, path), 'trafficPolicy')) ?? top;
        if (above === undefined || above === 'DISABLE') continue;
        const why =
          above === 'ISTIO_MUTUAL'
            ? whyPlainText(host, policy, inventory)
            : 'calls now use mesh mTLS or plaintext instead';
        yield {
          resource,
          path,
          ...verdict(
            `The settings for port ${String(port)} replace the whole policy above them, including its ${above}`,
            why,
          ),
          ...(above !== 'ISTIO_MUTUAL' && { severity: 'warning' }),
          fix: `Repeat "tls" in the settings for port ${String(port)}.`,
        };
      }
    }
  },
});

function hasUnmeshed(host: string, inventory: Inventory): boolean {
  return servicesCovered(host, inventory).some((service) => unmeshedBehind(service, inventory).length > 0);
}

function verdict(lead: string, why: string | undefined): Pick<Finding, 'message' | 'severity'> {
  return why === undefined
    ? { message: `${lead}: auto mTLS now decides, and pods without a sidecar get plaintext.` }
    : { message: `${lead}: ${why}.`, severity: 'error' };
}
