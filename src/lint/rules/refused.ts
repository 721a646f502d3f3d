import type { Rule } from '../rule.ts';
import apiVersionUnknown from './api-version-unknown.ts';
import clientTlsConflict from './client-tls-conflict.ts';
import customPolicyUnsupportedSource from './custom-policy-unsupported-source.ts';
import delegateMalformed from './delegate-malformed.ts';
import denyWidenedOnTcp from './deny-widened-on-tcp.ts';
import denyWithoutRules from './deny-without-rules.ts';
import destinationRuleDuplicateSubset from './destination-rule-duplicate-subset.ts';
import durationMalformed from './duration-malformed.ts';
import egressHostMalformed from './egress-host-malformed.ts';
import egressHostRedundant from './egress-host-redundant.ts';
import egressListenerOrder from './egress-listener-order.ts';
import egressProxyMisplaced from './egress-proxy-misplaced.ts';
import exportToContradiction from './export-to-contradiction.ts';
import faultMalformed from './fault-malformed.ts';
import gatewayCertificateSource from './gateway-certificate-source.ts';
import gatewayDuplicatePortName from './gateway-duplicate-port-name.ts';
import gatewayHostMalformed from './gateway-host-malformed.ts';
import gatewayNameMalformed from './gateway-name-malformed.ts';
import gatewayServerIncomplete from './gateway-server-incomplete.ts';
import gatewayTlsBlock from './gateway-tls-block.ts';
import gatewayWeakTls from './gateway-weak-tls.ts';
import headerOperationMalformed from './header-operation-malformed.ts';
import hostMalformed from './host-malformed.ts';
import jwtClaimRouteOnMesh from './jwt-claim-route-on-mesh.ts';
import jwtRuleMalformed from './jwt-rule-malformed.ts';
import loadBalancerMalformed from './load-balancer-malformed.ts';
import policyEmptyEntry from './policy-empty-entry.ts';
import policyProviderAction from './policy-provider-action.ts';
import policySourceConflict from './policy-source-conflict.ts';
import policyTargetMalformed from './policy-target-malformed.ts';
import policyUnknownCondition from './policy-unknown-condition.ts';
import policyValueMalformed from './policy-value-malformed.ts';
import portLevelMtlsWithoutSelector from './port-level-mtls-without-selector.ts';
import redirectMalformed from './redirect-malformed.ts';
import retryPolicyMalformed from './retry-policy-malformed.ts';
import routeMatchMalformed from './route-match-malformed.ts';
import routeWeights from './route-weights.ts';
import routeWithoutDestination from './route-without-destination.ts';
import schemaViolation from './schema-violation.ts';
import selectorWithWildcard from './selector-with-wildcard.ts';
import selectorWithoutLabels from './selector-without-labels.ts';
import serviceEntryCidr from './service-entry-cidr.ts';
import serviceEntryEndpoints from './service-entry-endpoints.ts';
import serviceEntryHost from './service-entry-host.ts';
import serviceEntryHostsOnTcp from './service-entry-hosts-on-tcp.ts';
import serviceEntryPortMalformed from './service-entry-port-malformed.ts';
import sidecarEmpty from './sidecar-empty.ts';
import sidecarListenerMalformed from './sidecar-listener-malformed.ts';
import sniHostMismatch from './sni-host-mismatch.ts';
import subsetNameMalformed from './subset-name-malformed.ts';
import telemetryMalformed from './telemetry-malformed.ts';
import trafficPolicyEmpty from './traffic-policy-empty.ts';
import trafficPolicyMalformed from './traffic-policy-malformed.ts';
import virtualServiceOverlappingHosts from './virtual-service-overlapping-hosts.ts';
import virtualServiceWildcardOnMesh from './virtual-service-wildcard-on-mesh.ts';
import virtualServiceWithoutRoutes from './virtual-service-without-routes.ts';

/** What the CRDs and the validating webhook refuse; the last part of the index, and its own file for its length. */
export const refused: readonly Rule[] = [
  apiVersionUnknown,
  clientTlsConflict,
  customPolicyUnsupportedSource,
  delegateMalformed,
  denyWidenedOnTcp,
  denyWithoutRules,
  destinationRuleDuplicateSubset,
  durationMalformed,
  egressHostMalformed,
  egressHostRedundant,
  egressListenerOrder,
  egressProxyMisplaced,
  exportToContradiction,
  faultMalformed,
  gatewayCertificateSource,
  gatewayDuplicatePortName,
  gatewayHostMalformed,
  gatewayNameMalformed,
  gatewayServerIncomplete,
  gatewayTlsBlock,
  gatewayWeakTls,
  headerOperationMalformed,
  hostMalformed,
  jwtClaimRouteOnMesh,
  jwtRuleMalformed,
  loadBalancerMalformed,
  policyEmptyEntry,
  policyProviderAction,
  policySourceConflict,
  policyTargetMalformed,
  policyUnknownCondition,
  policyValueMalformed,
  portLevelMtlsWithoutSelector,
  redirectMalformed,
  retryPolicyMalformed,
  routeMatchMalformed,
  routeWeights,
  routeWithoutDestination,
  schemaViolation,
  selectorWithWildcard,
  selectorWithoutLabels,
  serviceEntryCidr,
  serviceEntryEndpoints,
  serviceEntryHost,
  serviceEntryHostsOnTcp,
  serviceEntryPortMalformed,
  sidecarEmpty,
  sidecarListenerMalformed,
  sniHostMismatch,
  subsetNameMalformed,
  telemetryMalformed,
  trafficPolicyEmpty,
  trafficPolicyMalformed,
  virtualServiceOverlappingHosts,
  virtualServiceWildcardOnMesh,
  virtualServiceWithoutRoutes,
];
