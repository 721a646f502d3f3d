import {
  command,
  codeFor,
  isSet,
  misuse,
  selectionOptions,
  targetArgument,
  textOption,
  usage,
  type Input,
  type Result,
  type Services,
} from './command.ts';
import { declareStages, loadWave } from './waves.ts';
import { sizeOption } from './wave-plan.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'wave status',
  summary: 'show the state of every target in the plan, read from the forge alone',
  argument: targetArgument,
  options: [
    { flags: '--wave <name>', help: 'only the moves of one wave' },
    { flags: '--watch', help: 'refresh until Ctrl-C' },
    { flags: '--interval <seconds>', help: 'with --watch: seconds between refreshes (default: 30)' },
    { flags: '--update-fleet', help: 'write the stages reached on the forge into fleet.yaml' },
    sizeOption,
    ...selectionOptions,
  ],
  examples: [
    'meshwright wave status',
    'meshwright wave status --environment lab --watch',
    'meshwright wave status --update-fleet',
  ],
  run: status,
});

async function status(input: Input, services: Services): Promise<Result<Outputs['wave status']>> {
  const interval = textOption(input, 'interval') ?? '30';
  if (!/^[1-9][0-9]{0,4}$/.test(interval))
    return usage([
      misuse(`"${interval}" is not a valid number of seconds.`, 'Use a number from 1 to 99999.'),
    ]);
  if (!isSet(input, 'watch')) return look(input, services);
  const isStopped = services.finishOnInterrupt();
  for (;;) {
    const result = await look(input, services);
    if (isStopped() || result.code === 2) return result;
    services.redraw(result.text, `\nrefreshes every ${interval} s; Ctrl-C ends`);
    await services.pause(Number(interval));
    if (isStopped()) return { ...result, text: '', code: 0 };
  }
}

async function look(input: Input, services: Services): Promise<Result<Outputs['wave status']>> {
  const loaded = await loadWave(input, services, 1);
  if (!loaded.ok) return usage(loaded.problems);
  const { view, targets, wave } = loaded.value;
  const { describeProgress, progressAsJson } = await import('../report/progress.ts');
  const ids = new Set<string>(targets.map(({ id }) => id));
  const progress = view.progress.filter(
    (each) => ids.has(each.target) && (wave === undefined || each.wave === wave),
  );
  const declared = isSet(input, 'updateFleet')
    ? await declareStages(loaded.value, view, [], services)
    : { changed: [], text: '', problems: [] };
  const unseen = targets.flatMap(({ id }) => view.problems.get(id) ?? []);
  const problems = [...loaded.problems, ...unseen, ...declared.problems];
  return {
    code: codeFor(problems),
    text: [describeProgress(progress, services.colours), declared.text]
      .filter((part) => part !== '')
      .join('\n'),
    json: { ...progressAsJson(progress), fleet: declared.changed },
    problems,
  };
}
