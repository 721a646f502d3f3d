import type { RepoPath } from '../../src/model/named.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

/** A repository that holds these files, all read. */
export function repository(files: Readonly<Record<string, string>>, links: readonly string[] = []): Snapshot {
  const entries = Object.entries(files).map(([path, text]) => [path as RepoPath, text] as const);
  return {
    paths: new Set(entries.map(([path]) => path)),
    links: new Set(links as RepoPath[]),
    files: new Map(entries),
    unreadable: new Set(),
  };
}
