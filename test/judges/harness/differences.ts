import { readFileSync } from 'node:fs';
import type { Difference } from './side-by-side.ts';

/** One line of lint-differences.txt: who says it alone, its code or rule, where, of what object, words of the message, and
 *  why that is right. `*` stands for anything. */
interface Explained {
  readonly line: string;
  readonly only: string;
  readonly code: string;
  readonly where: RegExp;
  readonly object: RegExp;
  readonly says: RegExp;
}

const explained = readFileSync(new URL('../lint-differences.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line): Explained => {
    const [only = '', code = '', where = '', object = '', says = '', reason = ''] = line
      .split('|')
      .map((cell) => cell.trim());
    if (reason === '') throw new Error(`lint-differences.txt: "${line}" has no reason`);
    return { line, only, code, where: glob(where), object: glob(object), says: glob(`*${says}*`) };
  });

function glob(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 's');
}

/** Differences that no line explains. */
export function unexplained(differences: readonly Difference[]): readonly string[] {
  return differences
    .filter((difference) => !explained.some((each) => explains(each, difference)))
    .map(
      ({ only, code, where, object, says }) =>
        `${only} | ${code} | ${where} | ${object} | ${says.slice(0, 120)}`,
    );
}

/** Lines that explain nothing any more. */
export function stale(differences: readonly Difference[]): readonly string[] {
  return explained
    .filter((each) => !differences.some((difference) => explains(each, difference)))
    .map(({ line }) => line);
}

function explains({ only, code, where, object, says }: Explained, difference: Difference): boolean {
  return (
    only === difference.only &&
    code === difference.code &&
    where.test(difference.where) &&
    object.test(difference.object) &&
    says.test(difference.says)
  );
}
