import type { Rule } from '../rule.ts';
import annotationDeprecated from './annotation-deprecated.ts';
import annotationInvalid from './annotation-invalid.ts';
import annotationMisplaced from './annotation-misplaced.ts';
import annotationUnknown from './annotation-unknown.ts';
import appProtocolUnknown from './app-protocol-unknown.ts';
import autoMtlsOff from './auto-mtls-off.ts';
import callNotDeclared from './call-not-declared.ts';
import excludedPortInService from './excluded-port-in-service.ts';
import externalNamePortInvalid from './external-name-port-invalid.ts';
import hostNetworkInMesh from './host-network-in-mesh.ts';
import imageAutoWithoutInjection from './image-auto-without-injection.ts';
import imageNotMirrored from './image-not-mirrored.ts';
import initContainerCallsService from './init-container-calls-service.ts';
import injectLabelWithoutEffect from './inject-label-without-effect.ts';
import injectValueInvalid from './inject-value-invalid.ts';
import injectionLabelWithoutDefaultRevision from './injection-label-without-default-revision.ts';
import istioOutOfSupport from './istio-out-of-support.ts';
import istioVersionMismatch from './istio-version-mismatch.ts';
import istioVersionNotExact from './istio-version-not-exact.ts';
import jobWithSidecar from './job-with-sidecar.ts';
import namespaceInjectedByDefault from './namespace-injected-by-default.ts';
import namespaceManagedTwice from './namespace-managed-twice.ts';
import namespaceNotInjected from './namespace-not-injected.ts';
import namespaceTwoInjectionLabels from './namespace-two-injection-labels.ts';
import networkPolicyBlocksMesh from './network-policy-blocks-mesh.ts';
import podPortInNoService from './pod-port-in-no-service.ts';
import podSecurityWithoutCni from './pod-security-without-cni.ts';
import portProtocolUnsaid from './port-protocol-unsaid.ts';
import portProtocolWrong from './port-protocol-wrong.ts';
import portWithTwoProtocols from './port-with-two-protocols.ts';
import probePortUndeclared from './probe-port-undeclared.ts';
import probesNotRewritten from './probes-not-rewritten.ts';
import runsAsProxyUser from './runs-as-proxy-user.ts';
import serverFirstPortSniffed from './server-first-port-sniffed.ts';
import serviceAccountDiffersFromFleet from './service-account-differs-from-fleet.ts';
import stageDiffersFromFleet from './stage-differs-from-fleet.ts';
import targetPortNotInWorkload from './target-port-not-in-workload.ts';
import targetPortOfTwoPorts from './target-port-of-two-ports.ts';
import tlsWithoutMode from './tls-without-mode.ts';
import unknownRevision from './unknown-revision.ts';

/** Every rule, in the order of the documentation: by what it reads, then by name. */
export const rules: readonly Rule[] = [
  // Namespaces and workloads
  namespaceTwoInjectionLabels,
  namespaceNotInjected,
  namespaceInjectedByDefault,
  injectionLabelWithoutDefaultRevision,
  unknownRevision,
  injectValueInvalid,
  injectLabelWithoutEffect,
  imageAutoWithoutInjection,
  namespaceManagedTwice,
  // Annotations
  annotationMisplaced,
  annotationUnknown,
  annotationInvalid,
  annotationDeprecated,
  // Services
  portProtocolUnsaid,
  appProtocolUnknown,
  portProtocolWrong,
  serverFirstPortSniffed,
  externalNamePortInvalid,
  targetPortNotInWorkload,
  portWithTwoProtocols,
  targetPortOfTwoPorts,
  podPortInNoService,
  // Workloads
  runsAsProxyUser,
  hostNetworkInMesh,
  podSecurityWithoutCni,
  jobWithSidecar,
  probePortUndeclared,
  probesNotRewritten,
  excludedPortInService,
  initContainerCallsService,
  // Fleet
  callNotDeclared,
  serviceAccountDiffersFromFleet,
  stageDiffersFromFleet,
  // NetworkPolicies
  networkPolicyBlocksMesh,
  // Istio itself
  istioVersionMismatch,
  istioVersionNotExact,
  istioOutOfSupport,
  autoMtlsOff,
  imageNotMirrored,
  // DestinationRules
  tlsWithoutMode,
];
