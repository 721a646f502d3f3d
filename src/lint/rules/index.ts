import type { Rule } from '../rule.ts';
import identityWithoutMtls from './identity-without-mtls.ts';
import namespaceTwoInjectionLabels from './namespace-two-injection-labels.ts';
import policyHostUnknown from './policy-host-unknown.ts';
import policyMethodInvalid from './policy-method-invalid.ts';
import policySelectsNothing from './policy-selects-nothing.ts';
import policySourceNamespaceMissing from './policy-source-namespace-missing.ts';
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
  identityWithoutMtls,
  policyHostUnknown,
  policyMethodInvalid,
  policySelectsNothing,
  policySourceNamespaceMissing,
  principalNotTheGateway,
  principalUnknownAccount,
  principalUnknownTrustDomain,
  selectorOnGatewayApiPods,
  workloadWithoutPolicy,
];
