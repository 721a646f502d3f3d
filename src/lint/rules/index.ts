import type { Rule } from '../rule.ts';
import annotationDeprecated from './annotation-deprecated.ts';
import annotationInvalid from './annotation-invalid.ts';
import annotationMisplaced from './annotation-misplaced.ts';
import annotationUnknown from './annotation-unknown.ts';
import imageAutoWithoutInjection from './image-auto-without-injection.ts';
import injectLabelWithoutEffect from './inject-label-without-effect.ts';
import injectValueInvalid from './inject-value-invalid.ts';
import injectionLabelWithoutDefaultRevision from './injection-label-without-default-revision.ts';
import namespaceInjectedByDefault from './namespace-injected-by-default.ts';
import namespaceNotInjected from './namespace-not-injected.ts';
import namespaceTwoInjectionLabels from './namespace-two-injection-labels.ts';
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
  // Annotations
  annotationMisplaced,
  annotationUnknown,
  annotationInvalid,
  annotationDeprecated,
  // DestinationRules
  tlsWithoutMode,
];
