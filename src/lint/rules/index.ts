import type { Rule } from '../rule.ts';
import callerNotAllowed from './caller-not-allowed.ts';
import callerWithoutIdentity from './caller-without-identity.ts';
import customProviderUnknown from './custom-provider-unknown.ts';
import defaultAccountAsPrincipal from './default-account-as-principal.ts';
import dryRunBesideDenyAll from './dry-run-beside-deny-all.ts';
import dryRunInvalid from './dry-run-invalid.ts';
import healthPathsOpenToAnyone from './health-paths-open-to-anyone.ts';
import httpRuleOnTcpPort from './http-rule-on-tcp-port.ts';
import identityWithoutMtls from './identity-without-mtls.ts';
import ingressBehindMtls from './ingress-behind-mtls.ts';
import meshPolicyHitsGateway from './mesh-policy-hits-gateway.ts';
import meshWideSelectorIgnored from './mesh-wide-selector-ignored.ts';
import mtlsModeUnset from './mtls-mode-unset.ts';
import mtlsSentWhereDisabled from './mtls-sent-where-disabled.ts';
import namespaceTwoInjectionLabels from './namespace-two-injection-labels.ts';
import operationNeverMatches from './operation-never-matches.ts';
import peerAuthenticationRivals from './peer-authentication-rivals.ts';
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
import principalNeverMatches from './principal-never-matches.ts';
import principalNotTheGateway from './principal-not-the-gateway.ts';
import principalUnknownAccount from './principal-unknown-account.ts';
import principalUnknownTrustDomain from './principal-unknown-trust-domain.ts';
import scrapeBehindMtls from './scrape-behind-mtls.ts';
import selectorOnGatewayApiPods from './selector-on-gateway-api-pods.ts';
import strictWithPlaintextCaller from './strict-with-plaintext-caller.ts';
import strictWithoutClientMtls from './strict-without-client-mtls.ts';
import tlsWithoutMode from './tls-without-mode.ts';
import tokenNotRequired from './token-not-required.ts';
import webhookBehindMtls from './webhook-behind-mtls.ts';
import workloadWithoutPolicy from './workload-without-policy.ts';

/** Every rule, in the order of the documentation: by what it reads, then by name. */
export const rules: readonly Rule[] = [
  // Namespaces and workloads
  namespaceTwoInjectionLabels,
  // DestinationRules
  tlsWithoutMode,
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
];
