import { listIn } from '../model/list-in.ts';

/** A name has at most 253 characters; what is longer is covered by itself only, so that nobody has to try its every suffix.
 *  @see https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4 */
const maxSuffix = 254;

/** Values by host patterns, to be asked which patterns hold all that a host stands for, as `covers` has it. */
export class HostsCovering<T> {
  readonly #exact = new Map<string, T[]>();
  /** `*.example.com` by `.example.com`. */
  readonly #wide = new Map<string, T[]>();
  /** Suffixes that start in the middle of a word. */
  readonly #odd = new Map<string, T[]>();

  add(pattern: string, value: T): void {
    const suffix = pattern.slice(1);
    if (!pattern.startsWith('*')) listIn(this.#exact, pattern).push(value);
    else listIn(suffix === '' || suffix.startsWith('.') ? this.#wide : this.#odd, suffix).push(value);
  }

  /** Each value once: those of this very host first, then the longest wildcards. */
  covering(host: string): readonly T[] {
    const isWide = host.startsWith('*');
    const tail = isWide ? host.slice(1) : host;
    const found = new Set<T>(isWide ? [] : this.#exact.get(host));
    const first = tail.indexOf('.', Math.max(0, tail.length - maxSuffix));
    for (let at = first; at >= 0; at = tail.indexOf('.', at + 1))
      for (const value of this.#wide.get(tail.slice(at)) ?? []) found.add(value);
    for (const [suffix, values] of this.#odd)
      if (tail.endsWith(suffix)) for (const value of values) found.add(value);
    for (const value of this.#wide.get('') ?? []) found.add(value);
    return [...found];
  }
}
