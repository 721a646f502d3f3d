import { randomUUID } from 'node:crypto';
import type { RepoPath } from '../model/named.ts';
import type { FileChange } from '../model/snapshot.ts';
import { identity } from './git-run.ts';

/** What makes `git fast-import` write one commit and tell its id: one process for all of its files. The ref that the format
 *  asks for is gone when it ends.
 *  @param modes  of files that are there; others become plain files
 *  @param seconds  when, since 1970
 *  @see https://git-scm.com/docs/git-fast-import */
export function importOf(
  parent: string,
  changes: readonly FileChange[],
  modes: ReadonlyMap<string, string>,
  message: string,
  seconds: number,
): string {
  const ref = `refs/meshwright/made-${randomUUID()}`;
  const who = `${identity.name} <${identity.email}> ${String(seconds)} +0000`;
  const files = changes.map(({ path, after }) =>
    after === undefined
      ? `D ${quote(path)}\n`
      : `M ${modes.get(path) ?? '100644'} inline ${quote(path)}\n${data(after)}`,
  );
  return `commit ${ref}
mark :1
author ${who}
committer ${who}
${data(message)}from ${parent}
${files.join('')}
get-mark :1
reset ${ref}
from ${'0'.repeat(parent.length)}

done
`;
}

function data(text: string): string {
  return `data ${String(Buffer.byteLength(text))}\n${text}\n`;
}

function quote(path: RepoPath): string {
  return `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
