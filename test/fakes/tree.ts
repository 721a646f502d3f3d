import type { RepoPath } from '../../src/model/named.ts';
import type { Tree } from '../../src/model/ports.ts';
import { success } from '../../src/model/problem.ts';
import { emptySnapshot } from '../../src/model/snapshot.ts';

/** A folder in memory. */
export function folderTree(files: Readonly<Record<string, string>>): Tree {
  const paths = new Set(Object.keys(files) as RepoPath[]);
  return {
    revision: 'memory',
    snapshot: { ...emptySnapshot, paths },
    read: (wanted) =>
      Promise.resolve(
        success({ files: new Map(wanted.map((path) => [path, files[path] ?? ''])), unreadable: new Set() }),
      ),
  };
}
