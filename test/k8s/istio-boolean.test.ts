import { expect, it } from 'vitest';
import { isDryRun, parseGoBool } from '../../src/k8s/istio-boolean.ts';

it.each(['1', 't', 'T', 'TRUE', 'true', 'True'])('%s is true, as Go reads it', (text) => {
  expect(parseGoBool(text)).toBe(true);
  expect(isDryRun({ metadata: { annotations: { 'istio.io/dry-run': text } } })).toBe(true);
});

it.each(['0', 'f', 'F', 'FALSE', 'false', 'False'])('%s is false', (text) => {
  expect(parseGoBool(text)).toBe(false);
  expect(isDryRun({ metadata: { annotations: { 'istio.io/dry-run': text } } })).toBe(false);
});

it.each(['', 'yes', 'on', 'tRUE', ' true', '2'])('%j is neither, and leaves a policy in force', (text) => {
  expect(parseGoBool(text)).toBeUndefined();
  expect(isDryRun({ metadata: { annotations: { 'istio.io/dry-run': text } } })).toBe(false);
});

it('a policy without the annotation is in force', () => {
  expect(isDryRun({ metadata: { name: 'allow' } })).toBe(false);
});
