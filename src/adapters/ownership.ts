import type { Stats } from 'node:fs';
import { lstat, readFile, readlink, realpath } from 'node:fs/promises';
import { dirname, join, parse, resolve, sep } from 'node:path';

/** Whether a file or folder belongs to who runs this process, by git's rule for `safe.directory`: its owner is the effective
 *  user; root, started by sudo, also trusts what belongs to the person who started it. Where there are no owners (Windows),
 *  everything does.
 *  @see https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory */
export function isOwn({ uid }: Pick<Stats, 'uid'>): boolean {
  const self = process.geteuid?.();
  if (self === undefined || uid === self) return true;
  const sudo = process.env.SUDO_UID ?? '';
  return self === 0 && /^\d+$/.test(sudo) && uid === Number(sudo);
}

/** Why somebody else could change what lies at `path`; undefined: nobody but its owner and root can. Each folder on the way
 *  counts, and so does whoever made a link on it. A path that ends before its end is judged as far as it goes.
 *  The last folder itself must be one's own, and no link. */
export async function whoElseCanChange(path: string): Promise<string | undefined> {
  const whole = resolve(path);
  const byLink = await whoMadeLinks(whole, 0);
  if (byLink !== undefined) return byLink;
  const last = await lstat(whole).catch(() => undefined);
  if (last?.isSymbolicLink() === true) return `${whole} is a symbolic link`;
  if (last !== undefined && !isOwn(last)) return belongs(whole, last);
  let known = whole;
  while ((await lstat(known).catch(() => undefined)) === undefined) known = dirname(known);
  for (const at of prefixes(await realpath(known))) {
    const found = await lstat(at);
    if (!isOwn(found) && found.uid !== 0) return belongs(at, found);
    // In a sticky folder such as /tmp nobody renames or removes what is another's.
    const isSticky = (found.mode & 0o1000) !== 0 && (last === undefined || at !== (await realpath(whole)));
    if (isSticky) continue;
    if ((found.mode & 0o002) !== 0) return `every user can write to ${at}`;
    if ((found.mode & 0o020) !== 0 && !(await isPrivateGroup(found)))
      return `the group ${String(found.gid)} can write to ${at}`;
  }
  return undefined;
}

async function whoMadeLinks(path: string, depth: number): Promise<string | undefined> {
  if (depth > 40) return `${path} is behind too many links`;
  for (const at of prefixes(path)) {
    const found = await lstat(at).catch(() => undefined);
    if (found === undefined) return undefined;
    if (!found.isSymbolicLink()) continue;
    if (!isOwn(found) && found.uid !== 0) return belongs(at, found);
    const behind = await whoMadeLinks(resolve(dirname(at), await readlink(at)), depth + 1);
    if (behind !== undefined) return behind;
  }
  return undefined;
}

function prefixes(path: string): readonly string[] {
  const { root } = parse(path);
  const parts = path.slice(root.length).split(sep);
  return parts.map((_, index) => join(root, ...parts.slice(0, index + 1)));
}

function belongs(path: string, { uid }: Pick<Stats, 'uid'>): string {
  return `${path} belongs to another user (uid ${String(uid)})`;
}

/** A group that nobody is in but the owner of the file, as Linux distributions make one for each user; with it, folders are
 *  writable for the group by default. */
async function isPrivateGroup({ uid, gid }: Pick<Stats, 'uid' | 'gid'>): Promise<boolean> {
  if (gid === 0) return uid === 0;
  const [groups, users] = await Promise.all(
    ['/etc/group', '/etc/passwd'].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  const rows = (text: string | undefined) => (text ?? '').split('\n').map((line) => line.split(':'));
  const owner = rows(users).find(([, , id]) => id === String(uid))?.[0];
  const group = rows(groups).find(([, , id]) => id === String(gid));
  const members = (group?.[3] ?? '').split(',').filter((name) => name !== '' && name !== owner);
  const others = rows(users).filter(([, , id, main]) => main === String(gid) && id !== String(uid));
  return owner !== undefined && group !== undefined && members.length === 0 && others.length === 0;
}
