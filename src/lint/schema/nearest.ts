/** The name that was most likely meant: the same but for capitals, `_` and `-`, or a typing error or two away. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  if (text.length > 64) return undefined;
  const plain = (each: string) => each.replaceAll(/[-_]/g, '').toLowerCase();
  const same = names.find((name) => plain(name) === plain(text));
  if (same !== undefined) return same;
  const most = Math.min(2, Math.floor(text.length / 3));
  const [best] = names
    .map((name) => ({ name, distance: distance(plain(text), plain(name)) }))
    .filter((each) => each.distance <= most)
    .sort((one, other) => one.distance - other.distance);
  return best?.name;
}

/** Letters to add, drop or change. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: Array.from(other).length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(one).entries()) {
    const next = [index + 1];
    for (const [at, against] of Array.from(other).entries())
      next.push(
        Math.min((row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1, (row[at] ?? 0) + (letter === against ? 0 : 1)),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}
