import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { RepoPath } from '../model/named.ts';
import type { Files, FolderPart, Tree } from '../model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { parseRepoPath } from '../model/repo-path.ts';
import { emptySnapshot, type FileChange, type ReadFiles } from '../model/snapshot.ts';
import { openPrivate } from './cache-folder.ts';
import { LockHeld, withFileLock } from './file-lock.ts';
import { makeFolder } from './folders.ts';
import { fillFolder, lookAhead } from './scratch-folder.ts';
import { isSystemError, reasonOf } from './system-error.ts';
import { replaceFile } from './whole-file.ts';
import { obstacles, writeAll } from './write-all.ts';

const maxBytes = 16 * 1024 * 1024;

/** Folders of this machine.
 *  @param locks  a folder of this user's own, where those who write the same file at the same moment take turns; nothing is
 *    written while others can change it */
export function createFiles(locks: string): Files {
  let opening: Promise<Outcome<string>> | undefined;
  const inTurn: InTurn = async (path, work) => {
    const name = createHash('sha256').update(path).digest('hex').slice(0, 20);
    const opened = await (opening ??= openPrivate(locks));
    if (opened.ok) return withFileLock(join(locks, `${name}.lock`), work);
    // Without a folder of one's own there are no turns; whoever comes second still sees that the file has changed.
    return opened.problems.some(({ rule }) => rule === 'cache-unusable') ? work() : opened;
  };
  return {
    tree,
    write: (directory, changes, isForced = false) => write(directory, changes, isForced, inTurn),
    differing,
    fill: (directory, parts) => fill(directory, parts, inTurn),
    readText,
    writeText: (path, text, over) => writeText(path, text, over, inTurn),
  };
}

type InTurn = <T>(path: string, work: () => Promise<Outcome<T>>) => Promise<Outcome<T>>;

async function tree(directory: string, enters: Enters = everywhere): Promise<Outcome<Tree>> {
  const root = resolve(directory);
  try {
    const paths = new Set<RepoPath>();
    const links = new Set<RepoPath>();
    await walk(root, '', enters, paths, links);
    const snapshot = { ...emptySnapshot, paths, links };
    return success({ revision: root, snapshot, read: (wanted) => readAll(root, wanted, paths) });
  } catch (error) {
    return failure(ioProblem(error, directory, 'read'));
  }
}

type Enters = (folder: RepoPath) => boolean;

const everywhere: Enters = () => true;

async function walk(
  root: string,
  below: string,
  enters: Enters,
  paths: Set<RepoPath>,
  links: Set<RepoPath>,
): Promise<void> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    if (entry.name === '.git' || entry.name === 'node_modules') continue;
    const path = parseRepoPath(below === '' ? entry.name : `${below}/${entry.name}`);
    if (path === undefined) continue;
    if (entry.isDirectory()) {
      if (enters(path)) await walk(root, path, enters, paths, links);
    } else if (entry.isFile()) paths.add(path);
    else links.add(path);
  }
}

async function readAll(
  root: string,
  wanted: readonly RepoPath[],
  paths: ReadonlySet<RepoPath>,
): Promise<Outcome<ReadFiles>> {
  const files = new Map<RepoPath, string>();
  const unreadable = new Set<RepoPath>();
  const tooLong = new Set<RepoPath>();
  for (const path of wanted) {
    if (!paths.has(path)) throw new Error(`${path} is not in the tree`);
    try {
      const found = await stat(join(root, path));
      const text = found.size > maxBytes ? undefined : decode(await readFile(join(root, path)));
      if (found.size > maxBytes) tooLong.add(path);
      if (text === undefined) unreadable.add(path);
      else files.set(path, text);
    } catch (error) {
      return failure(ioProblem(error, join(root, path), 'read'));
    }
  }
  return success({ files, unreadable, ...(tooLong.size > 0 && { tooLarge: tooLong }) });
}

/** The text of UTF-8 bytes, byte order mark kept; undefined for anything else. */
export function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function write(
  directory: string,
  changes: readonly FileChange[],
  isForced: boolean,
  inTurn: InTurn,
): Promise<Outcome<void>> {
  try {
    await makeFolder(resolve(directory));
    const root = await realpath(directory);
    // All places are checked before the first byte is written.
    for (const { path } of changes) {
      const escape = await leadsOutside(root, path);
      if (escape !== undefined) return failure(escape);
    }
    return await inTurn(root, async () => {
      const inTheWay = await obstacles(root, changes);
      if (inTheWay.length > 0) return failure(...inTheWay);
      const foreign = isForced ? [] : await changedSince(root, changes);
      if (foreign.length > 0) return failure(...foreign.map((path) => changedMeanwhile(path)));
      await writeAll(root, changes);
      return success(undefined);
    });
  } catch (error) {
    return failure(ioProblem(error, directory, 'write'));
  }
}

async function differing(
  directory: string,
  parts: Iterable<FolderPart>,
): Promise<Outcome<readonly RepoPath[]>> {
  try {
    // A folder that is not there yet has nothing in the way.
    const root = await realpath(directory).catch(() => resolve(directory));
    const found = await lookAhead(root, parts);
    return found.blocked.length > 0 ? failure(...found.blocked.map(outside)) : success(found.differing);
  } catch (error) {
    return failure(ioProblem(error, directory, 'read'));
  }
}

async function fill(
  directory: string,
  parts: Iterable<FolderPart>,
  inTurn: InTurn,
): Promise<Outcome<number>> {
  try {
    await makeFolder(resolve(directory));
    const root = await realpath(directory);
    return await inTurn(root, async () => success(await fillFolder(root, parts)));
  } catch (error) {
    return failure(ioProblem(error, directory, 'write'));
  }
}

/** Files that are neither as the first change of them began nor as the last one leaves them. */
async function changedSince(root: string, changes: readonly FileChange[]): Promise<readonly RepoPath[]> {
  const found: RepoPath[] = [];
  for (const path of new Set(changes.map((change) => change.path))) {
    const own = changes.filter((change) => change.path === path);
    const present = await textAt(join(root, path));
    if (present !== own[0]?.before && present !== own.at(-1)?.after) found.push(path);
  }
  return found;
}

/** undefined: there is no such file. */
async function textAt(file: string): Promise<string | undefined> {
  try {
    const bytes = await readFile(file);
    return decode(bytes) ?? bytes.toString('latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function changedMeanwhile(file: string): Problem {
  return {
    rule: 'changed-meanwhile',
    severity: 'error',
    message: `${file} was changed by someone else while this ran; nothing of theirs was overwritten.`,
    fix: 'Run again: it starts from what is there now.',
    file,
  };
}

/** A problem when a link on the way to `path`, or `path` itself, could lead out of `root`. */
async function leadsOutside(root: string, path: RepoPath): Promise<Problem | undefined> {
  if (parseRepoPath(path) !== path) return outside(path);
  let at = root;
  for (const part of path.split('/')) {
    at = join(at, part);
    const found = await lstat(at).catch(() => undefined);
    if (found === undefined) break;
    if (found.isSymbolicLink()) return outside(path);
  }
  return at === root || at.startsWith(root + sep) ? undefined : outside(path);
}

function outside(path: string): Problem {
  return {
    rule: 'files-outside',
    severity: 'error',
    message: `"${path}" is a symbolic link, lies behind one, or leads out of the folder, so it was not written.`,
    fix: 'Replace the link by a real folder or file.',
    file: path,
  };
}

async function readText(path: string): Promise<Outcome<string>> {
  try {
    const size = path === '-' ? 0 : (await stat(path)).size;
    if (size > maxBytes) return failure(tooLarge(path, size));
    const bytes = await readAtMost(path === '-' ? process.stdin : createReadStream(path));
    if (bytes === undefined) return failure(tooLarge(path));
    const text = decode(bytes);
    if (text !== undefined) return success(text);
    return failure({
      rule: 'files-not-text',
      severity: 'error',
      message: `${path} is not UTF-8 text.`,
      fix: 'Name a text file.',
      file: path,
    });
  } catch (error) {
    return failure(ioProblem(error, path, 'read'));
  }
}

/** What has no size beforehand (a pipe, a device) may have no end either.
 *  @returns undefined: more than is read of a file */
async function readAtMost(stream: NodeJS.ReadableStream): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBytes) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function tooLarge(file: string, size?: number): Problem {
  return {
    rule: 'files-too-large',
    severity: 'error',
    message: `${file} ${size === undefined ? 'is too large' : `has ${(size / 2 ** 20).toFixed(1)} MiB`}; at most ${String(maxBytes / 2 ** 20)} MiB are read.`,
    fix: 'Divide it.',
    file,
  };
}

async function writeText(
  path: string,
  text: string,
  over: { readonly before: string | undefined } | undefined,
  inTurn: InTurn,
): Promise<Outcome<void>> {
  try {
    const real = await realpath(path).catch(() => resolve(path));
    await makeFolder(dirname(real));
    return await inTurn(real, async () => {
      if (over !== undefined && (await textAt(real)) !== over.before) return failure(changedMeanwhile(path));
      await replaceFile(real, text);
      return success(undefined);
    });
  } catch (error) {
    return failure(ioProblem(error, path, 'write'));
  }
}

function ioProblem(error: unknown, path: string, verb: 'read' | 'write'): Problem {
  if (error instanceof LockHeld)
    return {
      rule: 'files-write',
      severity: 'error',
      message: `Could not write ${path}: another meshwright process has been writing it for minutes.`,
      fix: 'Wait until it is done, or stop it; then run again.',
      file: path,
    };
  if (!isSystemError(error)) throw error;
  const { code } = error;
  return {
    rule: `files-${verb}`,
    severity: 'error',
    message: `Could not ${verb} ${path}: ${reasonOf(code)}.`,
    fix: code === 'ENOENT' ? 'Check the path.' : 'Fix that and run again.',
    file: path,
  };
}
