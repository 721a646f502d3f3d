import type { Rule } from '../rule.ts';
import accessLogWithoutProvider from './access-log-without-provider.ts';
import annotationDeprecated from './annotation-deprecated.ts';
import annotationInvalid from './annotation-invalid.ts';
import annotationMisplaced from './annotation-misplaced.ts';
import annotationUnknown from './annotation-unknown.ts';
import appProtocolUnknown from './app-protocol-unknown.ts';
import autoMtlsOff from './auto-mtls-off.ts';
import callNotDeclared from './call-not-declared.ts';
import callerNotAllowed from './caller-not-allowed.ts';
import callerWithoutIdentity from './caller-without-identity.ts';
import customProviderUnknown from './custom-provider-unknown.ts';
import defaultAccountAsPrincipal from './default-account-as-principal.ts';
import delegateNotUsable from './delegate-not-usable.ts';
import deprecatedFaultPercent from './deprecated-fault-percent.ts';
import destinationHostUnknown from './destination-host-unknown.ts';
import destinationPortUnknown from './destination-port-unknown.ts';
import destinationRuleHostUnknown from './destination-rule-host-unknown.ts';
import destinationRulesForOneHost from './destination-rules-for-one-host.ts';
import destinationSubsetUnknown from './destination-subset-unknown.ts';
import destinationTwiceInRoute from './destination-twice-in-route.ts';
import destinationWithoutPort from './destination-without-port.ts';
import dryRunBesideDenyAll from './dry-run-beside-deny-all.ts';
import dryRunInvalid from './dry-run-invalid.ts';
import egressHostShort from './egress-host-short.ts';
import egressHostUnknown from './egress-host-unknown.ts';
import entryShadowsService from './entry-shadows-service.ts';
import envoyFilterOperationIgnored from './envoy-filter-operation-ignored.ts';
import envoyFilterWithoutPriority from './envoy-filter-without-priority.ts';
import excludedPortInService from './excluded-port-in-service.ts';
import explicitMtlsLost from './explicit-mtls-lost.ts';
import exportToMissingNamespace from './export-to-missing-namespace.ts';
import externalNamePortInvalid from './external-name-port-invalid.ts';
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
import healthPathsOpenToAnyone from './health-paths-open-to-anyone.ts';
import hostClaimedTwice from './host-claimed-twice.ts';
import hostNetworkInMesh from './host-network-in-mesh.ts';
import httpRuleOnTcpPort from './http-rule-on-tcp-port.ts';
import identityWithoutMtls from './identity-without-mtls.ts';
import imageAutoWithoutInjection from './image-auto-without-injection.ts';
import imageNotMirrored from './image-not-mirrored.ts';
import ineffectiveMatch from './ineffective-match.ts';
import ingressBehindMtls from './ingress-behind-mtls.ts';
import initContainerCallsService from './init-container-calls-service.ts';
import injectLabelWithoutEffect from './inject-label-without-effect.ts';
import injectValueInvalid from './inject-value-invalid.ts';
import injectionLabelWithoutDefaultRevision from './injection-label-without-default-revision.ts';
import istioOutOfSupport from './istio-out-of-support.ts';
import istioVersionMismatch from './istio-version-mismatch.ts';
import istioVersionNotExact from './istio-version-not-exact.ts';
import jobWithSidecar from './job-with-sidecar.ts';
import jwtClaimRouteWithoutAuthentication from './jwt-claim-route-without-authentication.ts';
import meshHostClaimedTwice from './mesh-host-claimed-twice.ts';
import meshHostOnlyAtGateway from './mesh-host-only-at-gateway.ts';
import meshPolicyHitsGateway from './mesh-policy-hits-gateway.ts';
import meshWideSelectorIgnored from './mesh-wide-selector-ignored.ts';
import mtlsModeUnset from './mtls-mode-unset.ts';
import mtlsSentWhereDisabled from './mtls-sent-where-disabled.ts';
import mtlsToPodsWithoutSidecar from './mtls-to-pods-without-sidecar.ts';
import namespaceInjectedByDefault from './namespace-injected-by-default.ts';
import namespaceManagedTwice from './namespace-managed-twice.ts';
import namespaceNotInjected from './namespace-not-injected.ts';
import namespaceTwoInjectionLabels from './namespace-two-injection-labels.ts';
import networkPolicyBlocksMesh from './network-policy-blocks-mesh.ts';
import operationNeverMatches from './operation-never-matches.ts';
import outboundPolicyWithoutMode from './outbound-policy-without-mode.ts';
import peerAuthenticationRivals from './peer-authentication-rivals.ts';
import podPortInNoService from './pod-port-in-no-service.ts';
import podSecurityWithoutCni from './pod-security-without-cni.ts';
import policyAllowsEverybody from './policy-allows-everybody.ts';
import policyDeniesEverybody from './policy-denies-everybody.ts';
import policyHostUnknown from './policy-host-unknown.ts';
import policyMethodInvalid from './policy-method-invalid.ts';
import policyNameSaysAllow from './policy-name-says-allow.ts';
import policyPortNotContainerPort from './policy-port-not-container-port.ts';
import policyRuleSplit from './policy-rule-split.ts';
import policySelectsNothing from './policy-selects-nothing.ts';
import policySourceNamespaceMissing from './policy-source-namespace-missing.ts';
import portLeftPermissive from './port-left-permissive.ts';
import portLevelMtlsUnknownPort from './port-level-mtls-unknown-port.ts';
import portProtocolUnsaid from './port-protocol-unsaid.ts';
import portProtocolWrong from './port-protocol-wrong.ts';
import portWithTwoProtocols from './port-with-two-protocols.ts';
import principalNeverMatches from './principal-never-matches.ts';
import principalNotTheGateway from './principal-not-the-gateway.ts';
import principalUnknownAccount from './principal-unknown-account.ts';
import principalUnknownTrustDomain from './principal-unknown-trust-domain.ts';
import probePortUndeclared from './probe-port-undeclared.ts';
import probesNotRewritten from './probes-not-rewritten.ts';
import { refused } from './refused.ts';
import registryOnlyWithoutTheKubernetesApi from './registry-only-without-the-kubernetes-api.ts';
import runsAsProxyUser from './runs-as-proxy-user.ts';
import scrapeBehindMtls from './scrape-behind-mtls.ts';
import selectorOnGatewayApiPods from './selector-on-gateway-api-pods.ts';
import serverFirstPortSniffed from './server-first-port-sniffed.ts';
import serviceAccountDiffersFromFleet from './service-account-differs-from-fleet.ts';
import serviceEntriesDisagreeOnProtocol from './service-entries-disagree-on-protocol.ts';
import serviceEntriesForOneHost from './service-entries-for-one-host.ts';
import sidecarEgressProxy from './sidecar-egress-proxy.ts';
import sidecarInAmbient from './sidecar-in-ambient.ts';
import sidecarSelectorInRootNamespace from './sidecar-selector-in-root-namespace.ts';
import sidecarSelectsNothing from './sidecar-selects-nothing.ts';
import sidecarWithoutProvider from './sidecar-without-provider.ts';
import sidecarsForOneNamespace from './sidecars-for-one-namespace.ts';
import sidecarsOfOneWorkload from './sidecars-of-one-workload.ts';
import singleRouteWithWeight from './single-route-with-weight.ts';
import stageDiffersFromFleet from './stage-differs-from-fleet.ts';
import strictServiceWithoutMeshTls from './strict-service-without-mesh-tls.ts';
import strictWithPlaintextCaller from './strict-with-plaintext-caller.ts';
import strictWithoutClientMtls from './strict-without-client-mtls.ts';
import subsetRoutesNotAtGateway from './subset-routes-not-at-gateway.ts';
import subsetSelectsNoPod from './subset-selects-no-pod.ts';
import subsetWithoutLabels from './subset-without-labels.ts';
import targetPortNotInWorkload from './target-port-not-in-workload.ts';
import targetPortOfTwoPorts from './target-port-of-two-ports.ts';
import tcpEntryWithoutAddresses from './tcp-entry-without-addresses.ts';
import telemetriesForOneNamespace from './telemetries-for-one-namespace.ts';
import telemetriesOfOneWorkload from './telemetries-of-one-workload.ts';
import telemetryLightstep from './telemetry-lightstep.ts';
import telemetryProviderUnknown from './telemetry-provider-unknown.ts';
import telemetrySelectsNothing from './telemetry-selects-nothing.ts';
import tlsWithoutCaCertificates from './tls-without-ca-certificates.ts';
import tlsWithoutMode from './tls-without-mode.ts';
import tokenNotRequired from './token-not-required.ts';
import unknownRevision from './unknown-revision.ts';
import unreachableRoute from './unreachable-route.ts';
import virtualServiceGatewayUnknown from './virtual-service-gateway-unknown.ts';
import virtualServiceHiddenFromAlb from './virtual-service-hidden-from-alb.ts';
import virtualServiceHiddenFromGateway from './virtual-service-hidden-from-gateway.ts';
import virtualServiceHostNotInGateway from './virtual-service-host-not-in-gateway.ts';
import virtualServiceNotOnSharedGateway from './virtual-service-not-on-shared-gateway.ts';
import webhookBehindMtls from './webhook-behind-mtls.ts';
import wideMtlsBeforeStrict from './wide-mtls-before-strict.ts';
import wideMtlsToTheKubernetesApi from './wide-mtls-to-the-kubernetes-api.ts';
import workloadWithoutPolicy from './workload-without-policy.ts';

/** Every rule, in the order of the documentation: by what it reads, then by name. */
export const rules: readonly Rule[] = [
  // Namespaces and workloads
  imageAutoWithoutInjection,
  injectLabelWithoutEffect,
  injectValueInvalid,
  injectionLabelWithoutDefaultRevision,
  namespaceInjectedByDefault,
  namespaceManagedTwice,
  namespaceNotInjected,
  namespaceTwoInjectionLabels,
  unknownRevision,
  // DestinationRules
  destinationRuleHostUnknown,
  destinationRulesForOneHost,
  explicitMtlsLost,
  mtlsToPodsWithoutSidecar,
  strictServiceWithoutMeshTls,
  subsetSelectsNoPod,
  subsetWithoutLabels,
  tlsWithoutCaCertificates,
  tlsWithoutMode,
  wideMtlsBeforeStrict,
  wideMtlsToTheKubernetesApi,
  // Sidecars
  egressHostShort,
  egressHostUnknown,
  outboundPolicyWithoutMode,
  registryOnlyWithoutTheKubernetesApi,
  sidecarEgressProxy,
  sidecarInAmbient,
  sidecarSelectorInRootNamespace,
  sidecarSelectsNothing,
  sidecarWithoutProvider,
  sidecarsForOneNamespace,
  sidecarsOfOneWorkload,
  // ServiceEntries
  entryShadowsService,
  serviceEntriesDisagreeOnProtocol,
  serviceEntriesForOneHost,
  tcpEntryWithoutAddresses,
  // Telemetry
  accessLogWithoutProvider,
  telemetriesForOneNamespace,
  telemetriesOfOneWorkload,
  telemetryLightstep,
  telemetryProviderUnknown,
  telemetrySelectsNothing,
  // EnvoyFilters
  envoyFilterOperationIgnored,
  envoyFilterWithoutPriority,
  // Visibility
  exportToMissingNamespace,
  // AuthorizationPolicies
  callerNotAllowed,
  callerWithoutIdentity,
  customProviderUnknown,
  defaultAccountAsPrincipal,
  dryRunBesideDenyAll,
  dryRunInvalid,
  healthPathsOpenToAnyone,
  httpRuleOnTcpPort,
  identityWithoutMtls,
  meshPolicyHitsGateway,
  operationNeverMatches,
  policyAllowsEverybody,
  policyDeniesEverybody,
  policyHostUnknown,
  policyMethodInvalid,
  policyNameSaysAllow,
  policyPortNotContainerPort,
  policyRuleSplit,
  policySelectsNothing,
  policySourceNamespaceMissing,
  principalNeverMatches,
  principalNotTheGateway,
  principalUnknownAccount,
  principalUnknownTrustDomain,
  selectorOnGatewayApiPods,
  workloadWithoutPolicy,
  // PeerAuthentications and RequestAuthentications
  meshWideSelectorIgnored,
  mtlsModeUnset,
  mtlsSentWhereDisabled,
  peerAuthenticationRivals,
  portLeftPermissive,
  portLevelMtlsUnknownPort,
  strictWithPlaintextCaller,
  strictWithoutClientMtls,
  tokenNotRequired,
  // Callers outside the mesh
  ingressBehindMtls,
  scrapeBehindMtls,
  webhookBehindMtls,
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
  // Annotations
  annotationDeprecated,
  annotationInvalid,
  annotationMisplaced,
  annotationUnknown,
  // Services
  appProtocolUnknown,
  externalNamePortInvalid,
  podPortInNoService,
  portProtocolUnsaid,
  portProtocolWrong,
  portWithTwoProtocols,
  serverFirstPortSniffed,
  targetPortNotInWorkload,
  targetPortOfTwoPorts,
  // Workloads
  excludedPortInService,
  hostNetworkInMesh,
  initContainerCallsService,
  jobWithSidecar,
  podSecurityWithoutCni,
  probePortUndeclared,
  probesNotRewritten,
  runsAsProxyUser,
  // Fleet
  callNotDeclared,
  serviceAccountDiffersFromFleet,
  stageDiffersFromFleet,
  // NetworkPolicies
  networkPolicyBlocksMesh,
  // Istio itself
  autoMtlsOff,
  imageNotMirrored,
  istioOutOfSupport,
  istioVersionMismatch,
  istioVersionNotExact,
  ...refused,
];
