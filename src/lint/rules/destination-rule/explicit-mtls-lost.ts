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
  summary: 'a DestinationRule without tls that takes the place of one with ISTIO_MUTUAL',
  why: 'Rules do not add up: the more specific one replaces the mesh-wide one whole, and a port of `portLevelSettings` replaces everything above it. Without `tls`, auto mTLS takes over: pods with a sidecar still get mTLS, but plain text to pods without one becomes possible, where before the call failed. A service with pods that are known to have none is better off so, and left alone. It is an error where auto mTLS sends plain text: it is switched off, the service is headless with a pod without sidecar, a namespace or mesh with DISABLE hides a STRICT workload, or the host is external to the mesh.',
  fix: 'Add `tls: {mode: ISTIO_MUTUAL}` once every pod behind the host has a sidecar.',
  equivalent: ['KIA0204'],
  see: [
    'https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/#auto-mtls',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule')) {
      const host = hostOf(resource, inventory);
      // A rule with nothing but a host is there to take a host out of a wildcard's reach.
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
          ...verdict(`This rule takes the place of ${describeResource(lost)} and its ISTIO_MUTUAL`, why),
        };
      }
      for (const { path, policy, port } of trafficPolicies(resource)) {
        if (port === undefined || tlsModeOf(policy) !== undefined) continue;
        const above = tlsModeOf(objectAt(subsetAt(resource, path), 'trafficPolicy')) ?? top;
        if (above === undefined || above === 'DISABLE') continue;
        const why =
          above === 'ISTIO_MUTUAL'
            ? whyPlainText(host, policy, inventory)
            : 'what it sends now is mesh mTLS, or plain text';
        yield {
          resource,
          path,
          ...verdict(
            `The settings of port ${String(port)} replace the whole policy above them, and its ${above}`,
            why,
          ),
          ...(above !== 'ISTIO_MUTUAL' && { severity: 'warning' }),
          fix: `Repeat "tls" in the settings of port ${String(port)}.`,
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
    ? { message: `${lead}: auto mTLS decides now, and pods without a sidecar get plain text.` }
    : { message: `${lead}: ${why}.`, severity: 'error' };
}
