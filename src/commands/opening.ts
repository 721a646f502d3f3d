import type { TargetResult } from '../model/bundle.ts';
import type { ResultsJson } from '../report/targets.ts';
import type { Target } from '../model/fleet.ts';
import type { Opening } from '../flows/open.ts';
import { codeFor, type Result, type Services } from './command.ts';

/** Opens the pull requests of targets, or brings them up to date, and tells each result as it comes.
 *  @param before  problems that loading found
 *  @returns 130 when interrupted, 1 when a target was refused or people and templates disagree, 3 when the forge failed */
export async function openPullRequests(
  targets: readonly Target[],
  opening: Omit<Opening, 'isStopped'>,
  before: Result['problems'],
  services: Services,
): Promise<Result<ResultsJson> & { readonly json: ResultsJson; readonly results: readonly TargetResult[] }> {
  const { openTargets } = await import('../flows/open.ts');
  const { describeResult, resultsAsJson } = await import('../report/targets.ts');
  const width = Math.max(...targets.map(({ id }) => id.length));
  const isStopped = services.finishOnInterrupt();
  let done = 0;
  const results = await openTargets(targets, { ...opening, isStopped }, (result) => {
    services.progress(describeResult(result, width, services.colours));
    services.count(++done, targets.length);
  });
  const problems = [...before, ...results.flatMap((result) => result.problems)];
  const isDisputed = results.some(
    ({ outcome, conflicts }) => outcome === 'refused' || (conflicts ?? []).length > 0,
  );
  const json = resultsAsJson(results);
  if (!isStopped()) return { code: codeFor(problems, isDisputed), text: '', json, problems, results };
  const text = '\nInterrupted. What was started has been finished; run the same command again to continue.\n';
  return { code: 130, text, json, problems, results };
}
