import type { Rule } from '../rule.ts';
import accessLogWithoutProvider from './access-log-without-provider.ts';
import destinationRuleHostUnknown from './destination-rule-host-unknown.ts';
import destinationRulesForOneHost from './destination-rules-for-one-host.ts';
import egressHostShort from './egress-host-short.ts';
import egressHostUnknown from './egress-host-unknown.ts';
import entryShadowsService from './entry-shadows-service.ts';
import envoyFilterOperationIgnored from './envoy-filter-operation-ignored.ts';
import envoyFilterWithoutPriority from './envoy-filter-without-priority.ts';
import explicitMtlsLost from './explicit-mtls-lost.ts';
import exportToMissingNamespace from './export-to-missing-namespace.ts';
import mtlsToPodsWithoutSidecar from './mtls-to-pods-without-sidecar.ts';
import namespaceTwoInjectionLabels from './namespace-two-injection-labels.ts';
import outboundPolicyWithoutMode from './outbound-policy-without-mode.ts';
import registryOnlyWithoutTheKubernetesApi from './registry-only-without-the-kubernetes-api.ts';
import serviceEntriesDisagreeOnProtocol from './service-entries-disagree-on-protocol.ts';
import serviceEntriesForOneHost from './service-entries-for-one-host.ts';
import sidecarEgressProxy from './sidecar-egress-proxy.ts';
import sidecarInAmbient from './sidecar-in-ambient.ts';
import sidecarSelectorInRootNamespace from './sidecar-selector-in-root-namespace.ts';
import sidecarSelectsNothing from './sidecar-selects-nothing.ts';
import sidecarWithoutProvider from './sidecar-without-provider.ts';
import sidecarsForOneNamespace from './sidecars-for-one-namespace.ts';
import sidecarsOfOneWorkload from './sidecars-of-one-workload.ts';
import strictServiceWithoutMeshTls from './strict-service-without-mesh-tls.ts';
import subsetSelectsNoPod from './subset-selects-no-pod.ts';
import subsetWithoutLabels from './subset-without-labels.ts';
import tcpEntryWithoutAddresses from './tcp-entry-without-addresses.ts';
import telemetriesForOneNamespace from './telemetries-for-one-namespace.ts';
import telemetriesOfOneWorkload from './telemetries-of-one-workload.ts';
import telemetryLightstep from './telemetry-lightstep.ts';
import telemetryProviderUnknown from './telemetry-provider-unknown.ts';
import telemetrySelectsNothing from './telemetry-selects-nothing.ts';
import tlsWithoutCaCertificates from './tls-without-ca-certificates.ts';
import tlsWithoutMode from './tls-without-mode.ts';
import wideMtlsBeforeStrict from './wide-mtls-before-strict.ts';
import wideMtlsToTheKubernetesApi from './wide-mtls-to-the-kubernetes-api.ts';

/** Every rule, in the order of the documentation: by what it reads, then by name. */
export const rules: readonly Rule[] = [
  // Namespaces and workloads
  namespaceTwoInjectionLabels,
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
];
