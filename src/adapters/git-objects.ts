import { createHash } from 'node:crypto';

/** An object as git stores it. */
export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** The id of an object with these bytes.
 *  @see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
export function idOf(type: string, bytes: Buffer): string {
  return createHash('sha1')
    .update(`${type} ${String(bytes.length)}\0`)
    .update(bytes)
    .digest('hex');
}

/** One entry of a tree. */
export interface TreeEntry {
  /** A character for each byte, so that two names are the same only when all their bytes are. `textOf` makes it text. */
  readonly name: string;
  /** As `git ls-tree` shows it: `100644`, `100755`, `120000`, `160000` or `040000`. */
  readonly mode: string;
  readonly id: string;
}

export const treeMode = '040000';

/** The entries of a tree object, in its order; undefined: it is not one. */
export function parseTree(bytes: Buffer): readonly TreeEntry[] | undefined {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, at);
    if (space < 0 || end < space || end + 21 > bytes.length) return undefined;
    const digits = bytes.toString('latin1', at, space);
    if (!/^[0-7]{1,10}$/.test(digits)) return undefined;
    entries.push({
      name: bytes.toString('latin1', space + 1, end),
      mode: modeOf(Number.parseInt(digits, 8)),
      id: bytes.toString('hex', end + 1, end + 21),
    });
    at = end + 21;
  }
  return entries;
}

/** Git makes one of five of whatever mode a tree holds. */
function modeOf(bits: number): string {
  const kind = bits & 0o170000;
  if (kind === 0o100000) return (bits & 0o100) === 0 ? '100644' : '100755';
  if (kind === 0o120000) return '120000';
  return kind === 0o040000 ? treeMode : '160000';
}

/** A name or path of a tree as text. */
export function textOf(name: string): string {
  return /[\x80-\xff]/.test(name) ? Buffer.from(name, 'latin1').toString('utf8') : name;
}
