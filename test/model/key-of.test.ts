import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keyOf } from '../../src/model/key-of.ts';

const part = fc.oneof(
  fc.string(),
  fc.constantFrom('a', 'b', '/', ' ', '=', ',', '"', '\n', 'null', '1', 'true'),
  fc.integer({ min: 0, max: 2 }),
  fc.boolean(),
  fc.constant(undefined),
);
const parts = fc.array(part, { maxLength: 4 });

it('gives two lists of names one key only when they are the same list', () => {
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      const isSame = one.length === other.length && one.every((each, index) => Object.is(each, other[index]));

      expect(keyOf(...one) === keyOf(...other)).toBe(isSame);
    }),
    { numRuns: 2000 },
  );
});

it('tells a name with a separator from two names', () => {
  expect(keyOf('shop/web', 'api')).not.toBe(keyOf('shop', 'web/api'));
  expect(keyOf('shop web')).not.toBe(keyOf('shop', 'web'));
});
