import type { Rule } from '../rule.ts';
import namespaceTwoInjectionLabels from './namespace-two-injection-labels.ts';
import tlsWithoutMode from './tls-without-mode.ts';

/** Every rule, in the order of the documentation: by what it reads, then by name. */
export const rules: readonly Rule[] = [
  // Namespaces and workloads
  namespaceTwoInjectionLabels,
  // DestinationRules
  tlsWithoutMode,
];
