import { concurrently } from '../model/concurrently.ts';
import type { TargetResult } from '../model/bundle.ts';
import type { Target } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import type { Progress } from '../model/waves.ts';
import type { WaveView } from './wave-view.ts';

/** What is to be closed, and why. */
export interface Closing {
  readonly targets: readonly Target[];
  /** Only moves of this wave. */
  readonly wave: string | undefined;
  /** For the comment, one line. */
  readonly reason: string;
}

/** Closes the open pull requests of the targets' moves, each with a comment. Branches stay, so that nothing is lost and
 *  nobody opens them again by accident.
 *  @returns one result a target that has an open pull request */
export async function closeMoves(
  view: WaveView,
  { targets, wave, reason }: Closing,
  forge: Forge,
  isStopped: () => boolean,
): Promise<{ readonly results: readonly TargetResult[]; readonly closed: readonly Progress[] }> {
  const byId = new Map<string, Target>(targets.map((target) => [target.id, target]));
  const open = view.progress.flatMap((move) => {
    const target = byId.get(move.target);
    const pull = view.standings.get(move.target)?.pulls.get(move.stage);
    const isWanted = target !== undefined && (wave === undefined || move.wave === wave);
    return isWanted && pull?.state === 'open' ? [{ move, target, pull }] : [];
  });
  const closed: Progress[] = [];
  const results = await concurrently(open, 4, async ({ move, target, pull }): Promise<TargetResult> => {
    const { id, repository } = target;
    if (isStopped())
      return {
        target: id,
        outcome: 'waiting',
        reason: 'the run was interrupted before it got here',
        problems: [],
      };
    const done = await forge.close(repository, pull.number, commentOf(target, reason));
    if (!done.ok)
      return { target: id, outcome: 'failed', reason: done.problems[0]?.message, problems: done.problems };
    closed.push(move);
    return { target: id, outcome: 'closed', url: pull.url, problems: done.problems };
  });
  return { results, closed };
}

function commentOf({ id }: Target, reason: string): string {
  return `Meshwright closed this pull request: ${reason}

The branch stays. Reopen the pull request to continue, or delete the branch and run \`meshwright wave open ${id}\` to start over.
`;
}
