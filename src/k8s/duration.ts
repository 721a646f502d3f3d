const units: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

/** One more than Go's longest duration, some 292 years. */
const limit = 2n ** 63n;

/** Nanoseconds of a duration as Go's time.ParseDuration reads it (`1m30s`), which is how the API server checks Istio's
 *  durations. What is finer than a nanosecond is cut off.
 *  @returns undefined: Go refuses it, for its form or because it is too long
 *  @see https://pkg.go.dev/time#ParseDuration */
export function parseGoDuration(text: string): bigint | undefined {
  const isNegative = text.startsWith('-');
  const body = isNegative || text.startsWith('+') ? text.slice(1) : text;
  if (body === '0') return 0n;
  const part = /(\d*)(?:\.(\d*))?([^\d.]+)/y;
  let total = 0n;
  do {
    const [, whole = '', fraction = '', unit = ''] = part.exec(body) ?? [];
    const nanoseconds = units.get(unit);
    if (nanoseconds === undefined || (whole === '' && fraction === '')) return undefined;
    // More digits than this are too many before the point, and say nothing behind it.
    if (whole.replace(/^0+/, '').length > 19) return undefined;
    total += BigInt(whole) * nanoseconds + partOf(nanoseconds, fraction.slice(0, 18));
    if (total > limit) return undefined;
  } while (part.lastIndex < body.length);
  if (!isNegative && total === limit) return undefined;
  return isNegative ? -total : total;
}

/** As exact as Go's arithmetic of 64-bit floats. */
function partOf(nanoseconds: bigint, fraction: string): bigint {
  if (fraction === '') return 0n;
  return BigInt(Math.trunc(Number(fraction) * (Number(nanoseconds) / 10 ** fraction.length)));
}
