import { expect, it } from 'vitest';
import { parseGoDuration } from '../../src/k8s/duration.ts';
import { isQuantity } from '../../src/k8s/quantity.ts';

// https://pkg.go.dev/time#ParseDuration; the answers are Go's.
it.each<[string, bigint]>([
  ['0', 0n],
  ['-0', 0n],
  ['1m30s', 90_000_000_000n],
  ['1.5h', 5_400_000_000_000n],
  ['.5s', 500_000_000n],
  ['1.s', 1_000_000_000n],
  ['-1.5h', -5_400_000_000_000n],
  ['5µs', 5_000n],
  ['5μs', 5_000n],
  // What is finer than a nanosecond is cut off, not rounded.
  ['0.9ns', 0n],
  ['0.9999999ms', 999_999n],
  ['2562047h47m16.854775807s', 2n ** 63n - 1n],
  ['-9223372036854775808ns', -(2n ** 63n)],
])('%s', (text, nanoseconds) => {
  expect(parseGoDuration(text)).toBe(nanoseconds);
});

it.each([
  '',
  '-',
  '.s',
  '30',
  '1d',
  ' 5s',
  '5s ',
  '1 s',
  '1e3s',
  '1.2.3s',
  '2562047h47m16.854775808s',
  '9223372036854775808ns',
])('"%s" is none', (text) => {
  expect(parseGoDuration(text)).toBeUndefined();
});

it('a long text is read in linear time', () => {
  expect(parseGoDuration('1ns'.repeat(300_000))).toBe(300_000n);
  expect(parseGoDuration('9'.repeat(900_000))).toBeUndefined();
  expect(parseGoDuration(`0.${'3'.repeat(900_000)}s`)).toBe(333_333_333n);
});

it.each([
  ['100m', true],
  ['128Mi', true],
  ['.5', true],
  ['1e3', true],
  ['1.5Gi', true],
  ['128MB', false],
  ['1 Gi', false],
  ['', false],
])('%s is a quantity: %s', (text, is) => {
  expect(isQuantity(text)).toBe(is);
});
