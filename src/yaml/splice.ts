/** Replaces text[start, end) by `insert`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly insert: string;
}

/** Applies splices that do not overlap. */
export function spliceAll(text: string, splices: readonly Splice[]): string {
  let result = text;
  for (const { start, end, insert } of [...splices].sort((one, other) => other.start - one.start))
    result = result.slice(0, start) + insert + result.slice(end);
  return result;
}
