import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RepoPath } from '../../src/model/named.ts';
import { changedPaths, pathsBelow } from '../../src/model/paths.ts';
import { isBelow } from '../../src/model/repo-path.ts';

const path = fc
  .array(fc.constantFrom('a', 'b', 'a-b', 'a.b', 'é'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/') as RepoPath);
const change = fc.record({ come: fc.array(path, { maxLength: 4 }), gone: fc.array(path, { maxLength: 4 }) });

it('a set after changes is the set that a copy would be, and its directories are found as by looking at every path', () => {
  fc.assert(
    fc.property(fc.array(path), fc.array(change, { maxLength: 6 }), path, (first, changes, directory) => {
      const copy = new Set(first);
      let paths: ReadonlySet<RepoPath> = new Set(first);
      for (const { come, gone } of changes) {
        paths = changedPaths(paths, come, gone);
        for (const each of gone) copy.delete(each);
        for (const each of come) copy.add(each);

        expect([...paths].sort()).toEqual([...copy].sort());
        expect(paths.size).toBe(copy.size);
        for (const each of [...first, ...come, ...gone]) expect(paths.has(each)).toBe(copy.has(each));
        for (const each of [directory, '' as RepoPath])
          expect(pathsBelow(paths, each)).toEqual([...copy].filter((one) => isBelow(one, each)).sort());
      }
    }),
  );
});

it('changes that cancel out give the very set they began with, and the same changes the same set', () => {
  const paths: ReadonlySet<RepoPath> = new Set(['a/x', 'b/y'] as RepoPath[]);
  const added = changedPaths(paths, ['c' as RepoPath], ['b/y' as RepoPath]);

  expect(changedPaths(added, ['b/y' as RepoPath], ['c' as RepoPath])).toBe(paths);
  expect(changedPaths(changedPaths(paths, [], ['b/y' as RepoPath]), ['c' as RepoPath], [])).toBe(added);
});
