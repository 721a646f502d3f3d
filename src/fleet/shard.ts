import { failure, success, type Outcome } from '../model/problem.ts';

/** One of several equal parts of a fleet. */
export interface Shard {
  /** From 1. */
  readonly number: number;
  readonly of: number;
}

/** Reads `2/8`.
 *  @returns problem `usage` */
export function parseShard(text: string): Outcome<Shard> {
  const [, number = 0, of = 0] = (/^([0-9]{1,4})\/([0-9]{1,4})$/.exec(text) ?? []).map(Number);
  if (number >= 1 && number <= of) return success({ number, of });
  return failure({
    rule: 'usage',
    severity: 'error',
    message: `"${text}" is not a shard of a fleet.`,
    fix: 'Write it as 2/8: the second of eight.',
  });
}

/** Whether a repository belongs to a part: always the same one, so that two parts never work in one repository. */
export function isInShard(repository: string, { number, of }: Shard): boolean {
  return numberOf(repository, of) === number;
}

/** The parts that have a repository, such as `2/8`; where none has, the first: a matrix of jobs must not be empty. */
export function busyShards(repositories: readonly string[], of: number): readonly string[] {
  const numbers = new Set(repositories.map((repository) => numberOf(repository, of)));
  if (numbers.size === 0) numbers.add(1);
  return [...numbers].sort((one, other) => one - other).map((number) => `${String(number)}/${String(of)}`);
}

/** @see https://datatracker.ietf.org/doc/html/draft-eastlake-fnv (FNV-1a, 32 bits) */
function numberOf(repository: string, of: number): number {
  let hash = 0x811c9dc5;
  for (const character of repository) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  // The lowest bits of this hash alone are uneven for names that are alike.
  return ((((hash >>> 16) ^ hash) >>> 0) % of) + 1;
}
