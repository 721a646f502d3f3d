import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** A name for what a judge is made of. */
export function digestOf(parts) {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** Where built judges stay: `$MESHWRIGHT_JUDGES`, else the user's cache, else, without a home, `.cache` of the checkout.
 *  What lies there is run, so it must be ours alone: another's folder, or one that others may write to, is refused. */
export function storeFor(environment, checkout) {
  const { MESHWRIGHT_JUDGES: own, XDG_CACHE_HOME: cache = '', HOME: home = '' } = environment;
  // A relative one is to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
  const user = isAbsolute(cache) ? cache : isAbsolute(home) ? join(home, '.cache') : undefined;
  const folder =
    own || (user === undefined ? join(checkout, '..', 'judges-store') : join(user, 'meshwright-judges'));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  refuseForeign(folder);
  return {
    folder,
    has: (key) => hasOwn(join(folder, key)),
    keep: (draft, key) => keep(draft, join(folder, key)),
  };
}

function refuseForeign(path) {
  const found = lstatSync(path);
  const isOurs = found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid);
  if (!isOurs || (found.mode & 0o022) !== 0)
    throw new Error(
      `${path} holds programs that are run, but is not a directory that only its owner, you, can write to. ` +
        'Remove it, or name another one with MESHWRIGHT_JUDGES.',
    );
}

function hasOwn(path) {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
  refuseForeign(path);
  return true;
}

/** Puts a finished draft in its place. Another run may have been quicker: what it made is the same. */
function keep(draft, target) {
  try {
    renameSync(draft, target);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
  }
}

/** Makes `link` point to what the store has under a key.
 *  @returns false: the store does not have it */
export function linkTo(store, key, link) {
  if (!store.has(key)) return false;
  const target = join(store.folder, key);
  const found = lstatSync(link, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() && readlinkSync(link) === target) return true;
  // One of before there was a store.
  if (found?.isDirectory()) rmSync(link, { recursive: true });
  const draft = `${link}.${process.pid}`;
  rmSync(draft, { force: true });
  symlinkSync(target, draft);
  renameSync(draft, link);
  return true;
}
