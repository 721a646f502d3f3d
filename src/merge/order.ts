/** Orders what survives a merge. The side that moved elements decides; what only the other side has comes after what it
 *  follows there.
 *  @param base  the survivors as the base had them, and so on; every survivor is in `ours` or `theirs`
 *  @returns the order, and whether both sides moved the same elements differently (then ours decides) */
export function mergeOrder(
  base: readonly number[],
  ours: readonly number[],
  theirs: readonly number[],
): { readonly order: readonly number[]; readonly bothMoved: boolean } {
  const inBase = new Set(base);
  const inOurs = new Set(ours);
  const inTheirs = new Set(theirs);
  const common = (side: readonly number[]) =>
    side.filter((row) => inBase.has(row) && inOurs.has(row) && inTheirs.has(row)).join();
  const hasMoved = { ours: common(ours) !== common(base), theirs: common(theirs) !== common(base) };
  const isTheirs = hasMoved.theirs && !hasMoved.ours;
  const [main, other] = isTheirs ? [theirs, ours] : [ours, theirs];
  return {
    order: interleaved(main, other),
    bothMoved: hasMoved.ours && hasMoved.theirs && common(ours) !== common(theirs),
  };
}

/** `main` with what only `other` has, each right behind what it follows there. */
function interleaved(main: readonly number[], other: readonly number[]): readonly number[] {
  const placed = new Set(main);
  const behind = new Map<number | undefined, number[]>();
  let anchor: number | undefined;
  for (const row of other) {
    const followers = behind.get(anchor);
    if (placed.has(row)) anchor = row;
    else if (followers === undefined) behind.set(anchor, [row]);
    else followers.push(row);
  }
  return [undefined, ...main].flatMap((row) => [
    ...(row === undefined ? [] : [row]),
    ...(behind.get(row) ?? []),
  ]);
}
