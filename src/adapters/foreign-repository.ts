import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { RepositoryId } from '../model/named.ts';
import { makeFolder } from './folders.ts';
import { closedConfig } from './git-config-text.ts';
import { GitError } from './git-run.ts';
import { withLock } from './git-lock.ts';
import { replaceFile } from './whole-file.ts';

/** What git needs of a repository besides its configuration. A link to a file that is not there yet is none. */
const linked = ['objects', 'refs', 'packed-refs', 'shallow'];

/** A repository of others as it may be used. */
export interface ForeignRepository {
  /** The folder to run git in. */
  readonly folder: string;
  /** The branch that its HEAD stands for; undefined: none. */
  readonly defaultBranch: string | undefined;
}

/** Opens a bare repository that anyone may have written through a folder of ours: our configuration, its objects and refs.
 *  Its own configuration, hooks, attributes and alternates are never read, by us or by the other side of a fetch or push, so
 *  nothing in them runs. Locks and what is pushed are in the repository itself.
 *  @param forge  the folder that the repository must lie in
 *  @returns `GitError` when it is no repository, or leads elsewhere */
export async function openForeign(
  forge: string,
  repository: RepositoryId,
  cache: string,
): Promise<ForeignRepository> {
  const asked = join(forge, `${repository}.git`);
  const bare = await realpath(asked).catch(() => undefined);
  const head = bare === undefined ? undefined : await headOf(bare);
  if (bare === undefined || head === undefined)
    throw new GitError(`fatal: '${asked}' does not appear to be a git repository`);
  const why = await whyNot(await realpath(forge), bare);
  if (why !== undefined) throw new GitError(`fatal: ${asked} is not used: ${why}`);
  const key = createHash('sha256').update(bare).digest('hex').slice(0, 20);
  const folder = join(cache, 'local', key, `${repository}.git`);
  await makeFolder(folder, 0o700);
  await withLock(join(cache, 'local', key, 'lock'), async () => {
    await write(folder, 'HEAD', head);
    await write(folder, 'config', await configFor(bare));
    for (const name of await readdir(folder))
      if (!['HEAD', 'config', ...linked].includes(name))
        await rm(join(folder, name), { recursive: true, force: true });
    for (const name of linked) {
      const [from, to] = [join(folder, name), join(bare, name)];
      if ((await readlink(from).catch(() => undefined)) === to) continue;
      await rm(from, { recursive: true, force: true });
      await symlink(to, from);
    }
  });
  return { folder, defaultBranch: /^ref: refs\/heads\/(\S+)\s*$/.exec(head)?.[1] };
}

async function write(folder: string, name: string, text: string): Promise<void> {
  const file = join(folder, name);
  if ((await readFile(file, 'utf8').catch(() => undefined)) !== text) await replaceFile(file, text);
}

async function headOf(bare: string): Promise<string | undefined> {
  const found = await lstat(join(bare, 'HEAD')).catch(() => undefined);
  if (found?.isFile() !== true || found.size > 4096) return undefined;
  const text = await readFile(join(bare, 'HEAD'), 'utf8').catch(() => '');
  return /^(?:ref: refs\/heads\/[\x21-\x7e\x80-\uffff]+|[0-9a-f]{40})\n?$/.test(text) ? text : undefined;
}

/** Why a repository can't be read as it is; undefined: it can. */
async function whyNot(forge: string, bare: string): Promise<string | undefined> {
  const from = relative(forge, bare);
  if (from === '' || from.startsWith('..')) return 'it is a link that leads out of the forge';
  for (const name of ['objects', 'refs'])
    if ((await lstat(join(bare, name)).catch(() => undefined))?.isDirectory() !== true)
      return `${name} is not a folder`;
  for (const name of ['packed-refs', 'shallow']) {
    const found = await lstat(join(bare, name)).catch(() => undefined);
    if (found !== undefined && !found.isFile()) return `${name} is not a file`;
  }
  if ((await lstat(join(bare, 'objects/info/alternates')).catch(() => undefined)) !== undefined)
    return 'it borrows objects from another folder (run git repack -a -d in it, then remove objects/info/alternates)';
  if ((await lstat(join(bare, 'reftable')).catch(() => undefined)) !== undefined)
    return 'it keeps its refs in a format that is not supported (reftable)';
  return (await oddEntry(bare, 'refs', 12)) ?? (await oddEntry(bare, 'objects', 1));
}

/** A link, or anything else that is no file and no folder: through it git would read or write somewhere else.
 *  @param depth  of folders below to look into */
async function oddEntry(bare: string, below: string, depth: number): Promise<string | undefined> {
  for (const entry of await readdir(join(bare, below), { withFileTypes: true })) {
    const name = `${below}/${entry.name}`;
    if (!entry.isFile() && !entry.isDirectory()) return `${name} is a link`;
    // Loose objects lie in 256 folders, which are only read by their name.
    if (!entry.isDirectory() || /^objects\/[0-9a-f]{2}$/.test(name)) continue;
    const odd = depth === 0 ? `${name} lies too deep` : await oddEntry(bare, name, depth - 1);
    if (odd !== undefined) return odd;
  }
  return undefined;
}

/** One setting of theirs is kept, since it only says who may write what is pushed. */
async function configFor(bare: string): Promise<string> {
  const text = await readFile(join(bare, 'config'), 'utf8').catch(() => '');
  const shared =
    /^[ \t]*sharedRepository[ \t]*=[ \t]*(group|all|world|everybody|true|umask|false|0?[0-7]{3})[ \t]*$/im.exec(
      text,
    )?.[1];
  const sharing = shared === undefined ? '' : `[core]\n\tsharedRepository = ${shared}\n`;
  return closedConfig(
    'file',
    `${sharing}[uploadpack]
\tallowAnySHA1InWant = true
[receive]
\tautogc = false
`,
  );
}
