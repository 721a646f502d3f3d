import type { Remark, Verdict } from '../model/survey.ts';

/** Commit status or check run by which a job says whether a merged step works on the cluster. */
const verifyContext = 'meshwright/verify';

/** The last word on a merged pull request: a status or check `meshwright/verify` on its merge commit, or a line
 *  `/meshwright verified` (or `/meshwright failed`) of a maintainer's comment made after the merge. Nobody else's word
 *  counts; a status that is pending takes an earlier word back.
 *  @returns undefined: nobody has said anything
 *  @see https://docs.github.com/en/rest/commits/statuses */
export function verdictOf(remarks: readonly Remark[], mergedAt: string): Verdict | undefined {
  let last: { readonly at: number; readonly verdict: Verdict | undefined } | undefined;
  for (const remark of remarks) {
    const said = wordOf(remark, mergedAt);
    if (said === undefined) continue;
    const at = Date.parse(remark.at);
    // Of two words in the same second the bad one counts.
    if (last === undefined || at > last.at || (at === last.at && said.verdict?.isGood !== true))
      last = { at, verdict: said.verdict };
  }
  return last?.verdict;
}

function wordOf(remark: Remark, mergedAt: string): { readonly verdict: Verdict | undefined } | undefined {
  if (remark.kind === 'status') {
    if (remark.name !== verifyContext) return undefined;
    if (remark.state === 'pending') return { verdict: undefined };
    return { verdict: { isGood: remark.state === 'success', by: remark.name } };
  }
  if (!remark.isMaintainer || Date.parse(remark.at) < Date.parse(mergedAt)) return undefined;
  const word = /^[ \t]*\/meshwright (verified|failed)\b/m.exec(remark.text)?.[1];
  return word === undefined ? undefined : { verdict: { isGood: word === 'verified', by: remark.by } };
}
