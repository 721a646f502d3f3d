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
  const order = [...main];
  const placed = new Set(main);
  for (const [index, row] of other.entries()) {
    if (placed.has(row)) continue;
    const before = other[index - 1];
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, row);
    placed.add(row);
  }
  return { order, bothMoved: hasMoved.ours && hasMoved.theirs && common(ours) !== common(theirs) };
}
