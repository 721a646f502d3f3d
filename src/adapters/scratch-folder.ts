import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { RepoPath } from '../model/named.ts';
import type { FolderPart } from '../model/ports.ts';
import { parseRepoPath } from '../model/repo-path.ts';

// A folder of rendered bundles can be made again at any time, so nothing of it is forced to the disk. Its files are small and
// go to the system's cache: there a call that waits costs a fraction of one that goes through a thread.

/** What lies in a part of the folder already. */
export interface FolderContents {
  /** Files with another text, by their path from the folder. */
  readonly differing: readonly RepoPath[];
  /** What is, or lies behind, a link, or where a folder stands in the way of a file. */
  readonly blocked: readonly RepoPath[];
}

/** Looks at what filling `root` with these parts would meet.
 *  @param root  without links; it need not exist */
export async function lookAhead(root: string, parts: Iterable<FolderPart>): Promise<FolderContents> {
  const differing: RepoPath[] = [];
  const blocked: RepoPath[] = [];
  const there = namesIn(root);
  for (const part of parts) {
    const place = placeOf(root, part.folder, there);
    if (place === 'blocked') blocked.push(part.folder);
    for (const { path, text } of place === 'folder' ? part.files : []) {
      const whole = join(part.folder, path) as RepoPath;
      const file = placeOf(root, whole, there);
      if (file === 'blocked' || file === 'folder') blocked.push(whole);
      else if (file === 'file' && !holds(join(root, whole), text)) differing.push(whole);
    }
    if (there.size > 0) await setImmediate();
  }
  return { differing, blocked };
}

/** Names of what a folder holds; none where there is no folder. */
function namesIn(folder: string): Set<string> {
  return new Set(lstatSync(folder, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(folder));
}

/** What stands at a path, links not followed; `blocked`: a link on the way, or a file where a folder must be.
 *  @param there  what `root` holds: most of a new folder's paths need no look then */
function placeOf(
  root: string,
  path: RepoPath,
  there: ReadonlySet<string>,
): 'nothing' | 'file' | 'folder' | 'blocked' {
  if (parseRepoPath(path) !== path || path === '') return 'blocked';
  const parts = path.split('/');
  if (!there.has(parts[0] ?? '')) return 'nothing';
  let at = root;
  for (const [index, part] of parts.entries()) {
    at = join(at, part);
    const found = lstatSync(at, { throwIfNoEntry: false });
    if (found === undefined) return 'nothing';
    if (found.isDirectory()) continue;
    return found.isFile() && index === parts.length - 1 ? 'file' : 'blocked';
  }
  return 'folder';
}

function holds(file: string, text: string): boolean {
  return readFileSync(file).equals(Buffer.from(text));
}

/** Fills `root` part by part. A part that is not there yet is made beside it and appears whole, by a rename of its folder; in
 *  one that is there, each file is. So whatever ends this leaves no half-written file, and running again finishes it.
 *  @param root  without links; what {@link lookAhead} has looked through, and no one else fills now
 *  @returns how many files the parts have */
export async function fillFolder(root: string, parts: Iterable<FolderPart>): Promise<number> {
  clearDrafts(root);
  const there = namesIn(root);
  const draft = join(root, draftName());
  let count = 0;
  try {
    for (const part of parts) {
      const target = join(root, part.folder);
      if (placeOf(root, part.folder, there) === 'nothing') {
        writeNew(draft, part);
        if (dirname(target) !== root) mkdirSync(dirname(target), { recursive: true });
        renameSync(draft, target);
        there.add(part.folder.split('/')[0] ?? '');
      } else writeOver(target, part);
      count += part.files.length;
      // Ctrl-C is heard in between.
      await setImmediate();
    }
    return count;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

const draftName = () => `.meshwright-${randomBytes(6).toString('hex')}.tmp`;

/** What a run that was ended by force has left. */
function clearDrafts(root: string): void {
  for (const entry of readdirSync(root, { withFileTypes: true }))
    if (entry.isDirectory() && /^\.meshwright-[0-9a-f]{12}\.tmp$/.test(entry.name))
      rmSync(join(root, entry.name), { recursive: true });
}

function writeNew(folder: string, { files }: FolderPart): void {
  mkdirSync(folder);
  const made = new Set([folder]);
  for (const { path, text } of files) {
    const file = join(folder, path);
    const parent = dirname(file);
    if (!made.has(parent)) mkdirSync(parent, { recursive: true });
    made.add(parent);
    writeFileSync(file, text, { flag: 'wx' });
  }
}

function writeOver(folder: string, { files }: FolderPart): void {
  for (const { path, text } of files) {
    const file = join(folder, path);
    const present = lstatSync(file, { throwIfNoEntry: false });
    if (present?.isFile() === true && holds(file, text)) continue;
    const parent = dirname(file);
    mkdirSync(parent, { recursive: true });
    const draft = join(parent, draftName());
    writeFileSync(draft, text, { flag: 'wx', ...(present !== undefined && { mode: present.mode & 0o777 }) });
    renameSync(draft, file);
  }
}
