import { isList, valueAt } from '../model/json.ts';
import { readYaml } from '../yaml/read.ts';

/** What `include` of a fleet file may name: a path below the folder of the fleet file, with `*` and `?` for any characters of
 *  one name, and `**` for any folders. */
export const includePattern = /^(?!.*(?:^|\/)\.{0,2}(?:\/|$))[^\\[\]{}!:]+$/;

/** The patterns of a fleet file's `include`; none where it has none, or where it is wrong: loading it says so. */
export function includesOf(text: string, file: string): readonly string[] {
  // Most fleets are one file, and a look is cheaper than a reading.
  if (!text.includes('include')) return [];
  const read = readYaml(text, file);
  const found = read.ok ? valueAt(read.value.documents[0]?.value ?? null, 'include') : undefined;
  if (found === undefined || !isList(found)) return [];
  return found.filter((each) => typeof each === 'string').filter((each) => includePattern.test(each));
}

/** Whether a pattern names a path. Linear in either but for stars, and then their product. */
export function includes(pattern: string, path: string): boolean {
  return matches(pattern.split('/'), path.split('/'), isFolderStar, matchesName);
}

/** Whether a path that a pattern names may lie in a folder. */
export function mayHold(pattern: string, folder: string): boolean {
  if (folder === '') return true;
  const names = folder.split('/');
  for (const [index, part] of pattern.split('/').slice(0, -1).entries()) {
    if (isFolderStar(part)) return true;
    const name = names[index];
    if (name === undefined) return true;
    if (!matchesName(part, name)) return false;
    if (index === names.length - 1) return true;
  }
  return false;
}

const isFolderStar = (part: string) => part === '**';

function matchesName(pattern: string, name: string): boolean {
  // As a shell has it: a star does not stand for the dot that hides a file.
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  return matches(
    Array.from(pattern),
    Array.from(name),
    (each) => each === '*',
    (one, other) => one === '?' || one === other,
  );
}

/** Whether a row of patterns fits a row of parts; a star fits any number of them.
 *  Going back to the last star alone is enough, so that the work is at most the product of the lengths. */
function matches(
  pattern: readonly string[],
  parts: readonly string[],
  isStar: (pattern: string) => boolean,
  fits: (pattern: string, part: string) => boolean,
): boolean {
  let [at, next, star, from] = [0, 0, -1, 0];
  while (next < parts.length) {
    const here = pattern[at];
    const part = parts[next] ?? '';
    if (here !== undefined && isStar(here)) [star, from, at] = [at, next, at + 1];
    else if (here !== undefined && fits(here, part)) [at, next] = [at + 1, next + 1];
    else if (star >= 0) [at, from, next] = [star + 1, from + 1, from + 1];
    else return false;
  }
  return pattern.slice(at).every(isStar);
}
