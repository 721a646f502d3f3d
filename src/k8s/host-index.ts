import { covers } from './host.ts';

/** Values by host, where the most specific host that covers a name wins: the name itself, then the longest wildcard.
 *  @see https://istio.io/latest/docs/ops/best-practices/traffic-management/#cross-namespace-configuration */
export class HostIndex<T> {
  readonly #exact = new Map<string, T[]>();
  readonly #wildcards: { readonly pattern: string; readonly values: T[] }[];

  constructor(entries: Iterable<readonly [string, T]>) {
    const wild = new Map<string, T[]>();
    for (const [host, value] of entries) {
      const map = host.startsWith('*') ? wild : this.#exact;
      const list = map.get(host);
      if (list === undefined) map.set(host, [value]);
      else list.push(value);
    }
    this.#wildcards = [...wild]
      .map(([pattern, values]) => ({ pattern, values }))
      .sort((one, other) => other.pattern.length - one.pattern.length);
  }

  /** Each set of values whose host covers `host`, the most specific first. */
  *covering(host: string): Iterable<readonly T[]> {
    const exact = this.#exact.get(host);
    if (exact !== undefined) yield exact;
    for (const { pattern, values } of this.#wildcards) if (covers(pattern, host)) yield values;
  }

  /** The values of the most specific host that covers `host`; none when nothing does. */
  at(host: string): readonly T[] {
    for (const values of this.covering(host)) return values;
    return [];
  }
}
