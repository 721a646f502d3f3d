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
    message: `"${text}" is no part of a fleet.`,
    fix: 'Write it as 2/8: the second of eight.',
  });
}

/** Whether a repository belongs to a part: always the same one, so that two parts never work in one repository.
 *  @see https://datatracker.ietf.org/doc/html/draft-eastlake-fnv (FNV-1a, 32 bits) */
export function isInShard(repository: string, { number, of }: Shard): boolean {
  let hash = 0x811c9dc5;
  for (const character of repository) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  // The lowest bits of this hash alone are uneven for names that are alike.
  return (((hash >>> 16) ^ hash) >>> 0) % of === number - 1;
}
