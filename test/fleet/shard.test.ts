import fc from 'fast-check';
import { expect, it } from 'vitest';
import { busyShards, isInShard, parseShard } from '../../src/fleet/shard.ts';

const names = fc.array(fc.string({ minLength: 1, maxLength: 40 }), { maxLength: 50 });

it('puts every repository into one part, always the same', () => {
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 300 }), (repositories, of) => {
      for (const repository of repositories) {
        const parts = Array.from({ length: of }, (_, index) => index + 1).filter((number) =>
          isInShard(repository, { number, of }),
        );
        expect(parts).toHaveLength(1);
      }
    }),
  );
});

it('names exactly the parts that have a repository, in order', () => {
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 300 }), (repositories, of) => {
      const parts = Array.from({ length: of }, (_, index) => `${String(index + 1)}/${String(of)}`);
      const busy = parts.filter((part) => {
        const shard = parseShard(part);
        return shard.ok && repositories.some((repository) => isInShard(repository, shard.value));
      });
      expect(busyShards(repositories, of)).toEqual(busy.length > 0 ? busy : [`1/${String(of)}`]);
    }),
  );
});

it.each([2, 8, 16])('makes %i parts of much the same size of names that are alike', (of) => {
  const repositories = Array.from({ length: 800 }, (_, index) => `acme/team-${String(index)}-app`);
  const sizes = Array.from(
    { length: of },
    (_, index) =>
      repositories.filter((repository) => isInShard(repository, { number: index + 1, of })).length,
  );

  expect(Math.max(...sizes)).toBeLessThan((800 / of) * 1.5);
  expect(Math.min(...sizes)).toBeGreaterThan((800 / of) * 0.5);
});

it.each(['', '1', '0/4', '5/4', '1/0', 'a/b', '1/2/3', '-1/4', '1.5/4'])('refuses "%s"', (text) => {
  expect(parseShard(text)).toMatchObject({ ok: false, problems: [{ rule: 'usage' }] });
});
