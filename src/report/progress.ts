import type { MoveState, Progress } from '../model/waves.ts';
import { visible } from '../model/quoted.ts';
import type { Paint } from './paint.ts';

/** The moves of the plan, step by step, and how many are done. */
export function describeProgress(progress: readonly Progress[], colours: Paint): string {
  const width = Math.max(0, ...progress.map(({ target }) => target.length));
  const tint = {
    done: colours.green,
    open: colours.cyan,
    soaking: colours.yellow,
    unverified: colours.yellow,
    unknown: colours.yellow,
    held: colours.red,
    next: colours.bold,
    waiting: colours.dim,
  };
  const groups = new Map<string, string[]>();
  for (const { week, wave, environment, target, stage, state, url, reason } of progress) {
    const head = `S+${String(week)} ${environment} ${wave}`;
    const line = `  ${tint[state](state.padEnd(10))}  ${target.padEnd(width)}  ${stage.padEnd(10)}  ${visible([url, reason].filter((part) => part !== undefined).join('  '))}`;
    groups.set(head, [...(groups.get(head) ?? []), line.trimEnd()]);
  }
  const done = progress.filter(({ state }) => state === 'done').length;
  const blocks = [...groups].map(([head, lines]) => `${colours.bold(head)}\n${lines.join('\n')}\n`);
  return `${blocks.join('\n')}\n${String(done)} of ${String(progress.length)} moves done\n`;
}

/** The stable JSON of `wave status`. */
export interface ProgressJson {
  readonly moves: readonly Progress[];
  /** How many moves there are, and how many in each state. */
  readonly summary: { readonly moves: number } & Readonly<Record<MoveState, number>>;
}

export function progressAsJson(progress: readonly Progress[]): ProgressJson {
  const count = (state: Progress['state']) => progress.filter((each) => each.state === state).length;
  return {
    moves: progress,
    summary: {
      moves: progress.length,
      done: count('done'),
      open: count('open'),
      soaking: count('soaking'),
      unverified: count('unverified'),
      unknown: count('unknown'),
      held: count('held'),
      next: count('next'),
      waiting: count('waiting'),
    },
  };
}
