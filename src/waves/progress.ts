import type { Progress, Step } from '../model/waves.ts';

type Stage = 'outside' | 'joined' | 'enforced' | 'permissive' | 'strict';

/** How far a target is, as its repository and its pull requests say. */
export interface Standing {
  /** What its default branch holds; undefined: nothing was generated there. */
  readonly stage: Stage | undefined;
  /** The pull request that is open for it, and the stage it brings. */
  readonly open: { readonly stage: Stage; readonly url: string } | undefined;
}

const rank: Readonly<Record<Stage, number>> = {
  outside: 0,
  joined: 1,
  enforced: 2,
  permissive: 1,
  strict: 2,
};

/** Where every move of the plan stands. Moves go one after the other, so that the next one starts when the one before is
 *  merged; targets of the infrastructure and of STRICT do not wait for each other. An environment starts when the one
 *  before it is through.
 *  @param standings  by target; a target that could not be looked at is left out and holds nothing back */
export function progressOf(
  steps: readonly Step[],
  standings: ReadonlyMap<string, Standing>,
): readonly Progress[] {
  const found: Progress[] = [];
  let blocker: string | undefined;
  for (const step of steps) {
    const isParallel = step.what !== 'wave';
    let own: string | undefined;
    for (const { target, stage } of step.moves) {
      const standing = standings.get(target);
      if (standing === undefined) continue;
      const before = blocker ?? (isParallel ? undefined : own);
      const progress = stateOf(standing, stage, before);
      if (progress.state !== 'done') own ??= `${target} is ${stage}`;
      found.push({
        week: step.week,
        wave: step.name,
        environment: step.environment,
        target,
        stage,
        ...progress,
      });
    }
    blocker ??= own;
  }
  return found;
}

function stateOf(
  { stage, open }: Standing,
  wanted: Stage,
  before: string | undefined,
): Pick<Progress, 'state' | 'url' | 'reason'> {
  if (stage !== undefined && rank[stage] >= rank[wanted]) return { state: 'done' };
  if (open?.stage === wanted) return { state: 'open', url: open.url };
  return before === undefined ? { state: 'next' } : { state: 'waiting', reason: `until ${before}` };
}
