import type { Target } from '../model/fleet.ts';
import type { Opening } from '../flows/open.ts';
import { codeFor, type Result, type Services } from './command.ts';

/** Opens the pull requests of targets, or brings them up to date, and tells each result as it comes.
 *  @param before  problems that loading found
 *  @returns 1 when a target was refused or people and templates disagree, 3 when the forge failed */
export async function openPullRequests(
  targets: readonly Target[],
  opening: Opening,
  before: Result['problems'],
  services: Services,
): Promise<Result> {
  const { openTargets } = await import('../flows/open.ts');
  const { describeResult, resultsAsJson } = await import('../report/targets.ts');
  const width = Math.max(...targets.map(({ id }) => id.length));
  const results = await openTargets(targets, opening, (result) => {
    services.progress(describeResult(result, width, services.colours));
  });
  const problems = [...before, ...results.flatMap((result) => result.problems)];
  const isDisputed = results.some(
    ({ outcome, conflicts }) => outcome === 'refused' || (conflicts ?? []).length > 0,
  );
  return { code: codeFor(problems, isDisputed), text: '', json: resultsAsJson(results), problems };
}
