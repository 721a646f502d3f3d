import type { Remark, Attestation } from '../model/survey.ts';
import { shownLines } from './shown-lines.ts';

/** Commit status or check run by which a job says whether a merged step works on the cluster. */
const verifyContext = 'meshwright/verify';

/** The last word on a merged pull request: a status or check `meshwright/verify` on its merge commit, or a line
 *  `/meshwright verified` (or `/meshwright failed`) of a maintainer's comment made after the merge. Nobody else's word
 *  counts, nor what readers of the page don't see as the maintainer's own; a status that is pending takes an earlier word
 *  back, one that was skipped says nothing. In doubt a word against counts and a word for does not.
 *  @param mergedAt  as `2026-11-24T10:00:00Z`
 *  @returns undefined: nobody has said anything
 *  @see https://docs.github.com/en/rest/commits/statuses */
export function attestationOf(remarks: readonly Remark[], mergedAt: string): Attestation | undefined {
  let last: Word | undefined;
  for (const remark of remarks) {
    const said = wordOf(remark, Date.parse(mergedAt));
    if (said === undefined) continue;
    // Of two words in the same second the bad one counts.
    if (last === undefined || said.at > last.at || (said.at === last.at && said.isGood !== true)) last = said;
  }
  return last?.isGood === undefined ? undefined : { isGood: last.isGood, by: last.by, at: last.at };
}

interface Word {
  /** undefined: an earlier word is taken back. */
  readonly isGood: boolean | undefined;
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

function wordOf(remark: Remark, merged: number): Word | undefined {
  const at = Date.parse(remark.at);
  if (remark.kind === 'status') {
    const { name: by, state } = remark;
    if (by !== verifyContext || state === 'skipped') return undefined;
    if (state === 'failure') return { isGood: false, by, at: Number.isNaN(at) ? Infinity : at };
    // From before the merge it is about something else, such as a check in a merge queue.
    return { isGood: state === 'success' && at >= merged ? true : undefined, by, at };
  }
  if (!remark.isMaintainer) return undefined;
  const { by } = remark;
  const words = wordsIn(remark.text);
  if (words.failed) {
    // A comment that was edited says so since the edit; one without a date that can be read says so now.
    const edited = Date.parse(remark.editedAt ?? remark.at);
    const since = Number.isNaN(edited) ? Infinity : edited;
    return since < merged ? undefined : { isGood: false, by, at: since };
  }
  return words.verified && at >= merged && remark.isMinimized !== true ? { isGood: true, by, at } : undefined;
}

function wordsIn(comment: string): { readonly verified: boolean; readonly failed: boolean } {
  const lines = comment.includes('/meshwright') ? shownLines(comment) : [];
  return {
    verified: lines.some(
      ({ text, as }) => as === 'shown' && /^ {0,3}\/meshwright verified *(?:$|[.,:;!])/.test(text),
    ),
    failed: lines.some(({ text, as }) => as !== 'hidden' && /^\s*\/meshwright failed(?![\w-])/.test(text)),
  };
}
