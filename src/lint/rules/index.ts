import type { Rule } from '../rule.ts';
import customProviderUnknown from './custom-provider-unknown.ts';
import defaultAccountAsPrincipal from './default-account-as-principal.ts';
import dryRunBesideDenyAll from './dry-run-beside-deny-all.ts';
import dryRunInvalid from './dry-run-invalid.ts';
import healthPathsOpenToAnyone from './health-paths-open-to-anyone.ts';
import httpRuleOnTcpPort from './http-rule-on-tcp-port.ts';
import identityWithoutMtls from './identity-without-mtls.ts';
import meshPolicyHitsGateway from './mesh-policy-hits-gateway.ts';
import namespaceTwoInjectionLabels from './namespace-two-injection-labels.ts';
import operationNeverMatches from './operation-never-matches.ts';
import policyAllowsEverybody from './policy-allows-everybody.ts';
import policyDeniesEverybody from './policy-denies-everybody.ts';
import policyHostUnknown from './policy-host-unknown.ts';
import policyMethodInvalid from './policy-method-invalid.ts';
import policyNameSaysAllow from './policy-name-says-allow.ts';
import policyPortNotContainerPort from './policy-port-not-container-port.ts';
import policyRuleSplit from './policy-rule-split.ts';
import policySelectsNothing from './policy-selects-nothing.ts';
import policySourceNamespaceMissing from './policy-source-namespace-missing.ts';
import principalNeverMatches from './principal-never-matches.ts';
import principalNotTheGateway from './principal-not-the-gateway.ts';
import principalUnknownAccount from './principal-unknown-account.ts';
import principalUnknownTrustDomain from './principal-unknown-trust-domain.ts';
import selectorOnGatewayApiPods from './selector-on-gateway-api-pods.ts';
import tlsWithoutMode from './tls-without-mode.ts';
import workloadWithoutPolicy from './workload-without-policy.ts';

/** Every rule, in the order of the documentation: by what it reads, then by name. */
export const rules: readonly Rule[] = [
  // Namespaces and workloads
  namespaceTwoInjectionLabels,
  // DestinationRules
  tlsWithoutMode,
  // AuthorizationPolicies
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
];
