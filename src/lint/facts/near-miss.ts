/** More candidates than this are not compared. */
const maxCandidates = 300;

/** The one of some names that a name is probably a slip of: at most two letters added, left out or changed. */
export function nearMiss(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length < 5 || name.length > 63) return undefined;
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  let left = maxCandidates;
  for (const candidate of candidates) {
    if (left-- === 0) break;
    if (candidate === name || Math.abs(candidate.length - name.length) > 2) continue;
    const distance = editDistance(name, candidate);
    if (distance <= 2 && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const change = (previous[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[other.length] ?? 0;
}
