/** Each name is compared with this many of a similar length, so that the work does not grow with their product. */
const maxCandidates = 300;

interface NearMiss {
  readonly name: string | undefined;
  /** Whether every candidate was compared. */
  readonly isCertain: boolean;
}

/** The candidate of which a name is probably a typo: at most two letters added, left out or changed. */
export function nearMiss(name: string, candidates: Iterable<string>): NearMiss {
  if (name.length < 5 || name.length > 63) return { name: undefined, isCertain: true };
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  let left = maxCandidates;
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) > 2) continue;
    if (left-- === 0) return { name: best?.candidate, isCertain: false };
    const distance = editDistance(name, candidate);
    if (distance <= 2 && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return { name: best?.candidate, isCertain: true };
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
