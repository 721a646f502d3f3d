import type { Rule } from '../rule.ts';
import delegateNotUsable from './delegate-not-usable.ts';
import deprecatedFaultPercent from './deprecated-fault-percent.ts';
import destinationHostUnknown from './destination-host-unknown.ts';
import destinationPortUnknown from './destination-port-unknown.ts';
import destinationSubsetUnknown from './destination-subset-unknown.ts';
import destinationTwiceInRoute from './destination-twice-in-route.ts';
import destinationWithoutPort from './destination-without-port.ts';
import gatewayConflict from './gateway-conflict.ts';
import gatewayDuplicateCertificate from './gateway-duplicate-certificate.ts';
import gatewayHostsBehindAlb from './gateway-hosts-behind-alb.ts';
import gatewayIsGenerated from './gateway-is-generated.ts';
import gatewayNamedByDomain from './gateway-named-by-domain.ts';
import gatewayOpenToAllNamespaces from './gateway-open-to-all-namespaces.ts';
import gatewayPortNotOnService from './gateway-port-not-on-service.ts';
import gatewayRoutesOverlap from './gateway-routes-overlap.ts';
import gatewaySecretNotFound from './gateway-secret-not-found.ts';
import gatewaySelectsNothing from './gateway-selects-nothing.ts';
import halfQualifiedHost from './half-qualified-host.ts';
import hostClaimedTwice from './host-claimed-twice.ts';
import ineffectiveMatch from './ineffective-match.ts';
import jwtClaimRouteWithoutAuthentication from './jwt-claim-route-without-authentication.ts';
import meshHostClaimedTwice from './mesh-host-claimed-twice.ts';
import meshHostOnlyAtGateway from './mesh-host-only-at-gateway.ts';
import namespaceTwoInjectionLabels from './namespace-two-injection-labels.ts';
import singleRouteWithWeight from './single-route-with-weight.ts';
import subsetRoutesNotAtGateway from './subset-routes-not-at-gateway.ts';
import tlsWithoutMode from './tls-without-mode.ts';
import unreachableRoute from './unreachable-route.ts';
import virtualServiceGatewayUnknown from './virtual-service-gateway-unknown.ts';
import virtualServiceHiddenFromAlb from './virtual-service-hidden-from-alb.ts';
import virtualServiceHiddenFromGateway from './virtual-service-hidden-from-gateway.ts';
import virtualServiceHostNotInGateway from './virtual-service-host-not-in-gateway.ts';
import virtualServiceNotOnSharedGateway from './virtual-service-not-on-shared-gateway.ts';

/** Every rule, in the order of the documentation: by what it reads, then by name. */
export const rules: readonly Rule[] = [
  // Namespaces and workloads
  namespaceTwoInjectionLabels,
  // VirtualServices
  delegateNotUsable,
  deprecatedFaultPercent,
  destinationHostUnknown,
  destinationPortUnknown,
  destinationSubsetUnknown,
  destinationTwiceInRoute,
  destinationWithoutPort,
  gatewayIsGenerated,
  gatewayNamedByDomain,
  gatewayRoutesOverlap,
  halfQualifiedHost,
  hostClaimedTwice,
  ineffectiveMatch,
  jwtClaimRouteWithoutAuthentication,
  meshHostClaimedTwice,
  meshHostOnlyAtGateway,
  singleRouteWithWeight,
  subsetRoutesNotAtGateway,
  unreachableRoute,
  virtualServiceGatewayUnknown,
  virtualServiceHiddenFromAlb,
  virtualServiceHiddenFromGateway,
  virtualServiceHostNotInGateway,
  virtualServiceNotOnSharedGateway,
  // Gateways
  gatewayConflict,
  gatewayDuplicateCertificate,
  gatewayHostsBehindAlb,
  gatewayOpenToAllNamespaces,
  gatewayPortNotOnService,
  gatewaySecretNotFound,
  gatewaySelectsNothing,
  // DestinationRules
  tlsWithoutMode,
];
