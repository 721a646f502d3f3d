import { link, lstat, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { RepoPath } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import type { FileChange } from '../model/snapshot.ts';
import { makeFolder } from './folders.ts';
import { draftBeside, draftName, sweepDrafts } from './whole-file.ts';

/** The files of a checkout change together or not at all. What needs room on the disk is written beside the files first; then
 *  they are renamed, each with its old text kept until all are. Whatever fails takes back what was done; a run that is ended
 *  by force in between leaves whole files, and the next one finishes.
 *  @param root  without links; nobody else writes there now */
export async function writeAll(root: string, changes: readonly FileChange[]): Promise<void> {
  const last = new Map(changes.map(({ path, after }) => [path, after]));
  const undo: (() => Promise<unknown>)[] = [];
  const kept: string[] = [];
  const swept = new Set<string>();
  const drafts: { readonly file: string; readonly draft: string }[] = [];
  try {
    for (const [path, after] of last) {
      const file = join(root, path);
      if (after === undefined) continue;
      const made = await makeFolder(dirname(file));
      for (const each of made) undo.push(() => rmdir(each));
      if (!swept.has(dirname(file))) await sweepDrafts(dirname(file));
      swept.add(dirname(file));
      const draft = await draftBeside(file, after);
      undo.push(() => rm(draft, { force: true }));
      drafts.push({ file, draft });
    }
    const keep = async (file: string): Promise<string | undefined> => {
      if ((await lstat(file).catch(() => undefined)) === undefined) return undefined;
      const old = join(dirname(file), draftName());
      await link(file, old);
      kept.push(old);
      undo.push(() => rename(old, file));
      return old;
    };
    for (const { file, draft } of drafts) {
      const old = await keep(file);
      await rename(draft, file);
      if (old === undefined) undo.push(() => rm(file, { force: true }));
    }
    for (const [path, after] of last) {
      const file = join(root, path);
      if (after !== undefined) continue;
      await keep(file);
      await rm(file, { force: true });
    }
  } catch (error) {
    for (const back of undo.reverse()) await back().catch(() => undefined);
    throw error;
  }
  for (const old of kept) await rm(old, { force: true });
}

/** What stands in the way of changes, found before the first of them is made. */
export async function obstacles(root: string, changes: readonly FileChange[]): Promise<readonly Problem[]> {
  const found = new Map<string, Problem>();
  const names = new Map<string, Promise<readonly string[]>>();
  const namesIn = (folder: string) => {
    const known = names.get(folder) ?? readdir(folder).catch(() => []);
    names.set(folder, known);
    return known;
  };
  const written = new Map<string, RepoPath>();
  for (const { path, before, after } of changes) {
    if (after === undefined) continue;
    const parts = path.split('/');
    for (const [index, part] of parts.entries()) {
      const folder = join(root, ...parts.slice(0, index));
      const at = join(folder, part);
      const isLast = index === parts.length - 1;
      const there = await lstat(at).catch(() => undefined);
      const rest = (await namesIn(folder)).find((name) => name !== part && sameLetters(name, part));
      if (there === undefined && rest !== undefined)
        found.set(path, differsByCase(path, parts.slice(0, index).concat(rest).join('/')));
      if (there === undefined) break;
      if (!isLast && !there.isDirectory())
        found.set(path, inTheWay(path, parts.slice(0, index + 1).join('/')));
      else if (isLast && !there.isFile() && !there.isSymbolicLink())
        found.set(path, inTheWay(path, path, 'is not a file'));
    }
    const key = path.toLowerCase();
    const other = written.get(key);
    if (other !== undefined && other !== path && before === undefined)
      found.set(path, differsByCase(path, other));
    written.set(key, path);
  }
  return [...found.values()];
}

/** On the file systems of macOS and Windows these are one name. */
function sameLetters(one: string, other: string): boolean {
  return one.normalize('NFC').toLowerCase() === other.normalize('NFC').toLowerCase();
}

function inTheWay(path: string, place: string, what = 'is a file'): Problem {
  return {
    rule: 'path-in-the-way',
    severity: 'error',
    message: `${path} can't be written: ${place === path ? 'what is there' : place} ${what}. Nothing was written.`,
    fix: `Rename or remove ${place}, then run again.`,
    file: place,
  };
}

function differsByCase(path: string, other: string): Problem {
  return {
    rule: 'path-same-letters',
    severity: 'error',
    message: `${path} would stand beside ${other}, and ${basename(path) === basename(other) ? 'their folders differ' : 'their names differ'} only in upper and lower case. In a checkout on macOS or Windows they are one. Nothing was written.`,
    fix: `Rename ${other}, then run again.`,
    file: other,
  };
}
