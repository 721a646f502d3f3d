import { branchOf } from '../bundle/draft.ts';
import { readTargetLocks } from '../bundle/plan-target.ts';
import type { Fleet, ForgeSpec, Target } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import { withFiles } from '../model/snapshot.ts';
import type { Progress } from '../model/waves.ts';
import { progressOf, type Standing } from '../waves/progress.ts';
import { planFleetWaves } from './wave-plan.ts';

export interface WaveStatus {
  readonly progress: readonly Progress[];
  /** What could not be looked at. */
  readonly problems: readonly Problem[];
}

/** Where every target of the plan stands, derived from the forge alone: whoever asks with the same fleet file gets the same
 *  answer.
 *  @param targets  those asked for; the others are not looked at */
export async function waveStatus(
  fleet: Fleet,
  targets: readonly Target[],
  forge: Forge,
  maxSize: number,
): Promise<WaveStatus> {
  const standings = new Map<string, Standing>();
  const problems: Problem[] = [];
  for (const target of targets) {
    const standing = await standingOf(target, forge, fleet.forge);
    if (standing.ok) standings.set(target.id, standing.value);
    else problems.push(...standing.problems);
  }
  return { progress: progressOf(planFleetWaves(fleet, maxSize).steps, standings), problems };
}

async function standingOf(target: Target, forge: Forge, spec: ForgeSpec): Promise<Outcome<Standing>> {
  const { repository } = target;
  const state = await forge.state(repository, spec.baseBranch, undefined);
  if (!state.ok) return state;
  const { base } = state.value;
  const read = await base.read(readTargetLocks(target, base.snapshot).needs);
  if (!read.ok) return read;
  const { locks } = readTargetLocks(target, withFiles(base.snapshot, read.value));
  if (!locks.ok) return locks;
  const stage = locks.value.get(target.id)?.directories.at(-1)?.stage;
  const next = nextStage(target, stage);
  if (next === undefined) return success({ stage, open: undefined });
  const branch = branchOf({ ...target, stage: next } as Target, spec, 'stage');
  const ahead = await forge.state(repository, spec.baseBranch, branch);
  if (!ahead.ok) return ahead;
  const open = ahead.value.branch?.pullRequest;
  return success({ stage, open: open === undefined ? undefined : { stage: next, url: open.url } });
}

type Stage = NonNullable<Standing['stage']>;

function nextStage({ kind }: Target, stage: Stage | undefined): Stage | undefined {
  if (kind === 'cluster')
    return stage === undefined ? 'permissive' : stage === 'permissive' ? 'strict' : undefined;
  return stage === undefined || stage === 'outside' ? 'joined' : stage === 'joined' ? 'enforced' : undefined;
}
