import {
  codeFor,
  command,
  misuse,
  selectionOptions,
  targetArgument,
  textOption,
  usage,
  type Input,
  type Result,
  type Services,
} from './command.ts';
import { loadWave } from './waves.ts';
import { sizeOption } from './wave-plan.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'wave close',
  summary: 'close the open pull requests of targets, each with a comment; branches stay',
  argument: targetArgument,
  options: [
    { flags: '--reason <text>', help: 'why, for the comment' },
    { flags: '--wave <name>', help: 'only the moves of one wave' },
    sizeOption,
    ...selectionOptions,
  ],
  examples: [
    'meshwright wave close shop@lab --reason "the pilot found a bug"',
    'meshwright wave close --wave wave-2 --environment lab --reason "freeze until Monday"',
  ],
  run: closeWave,
});

async function closeWave(input: Input, services: Services): Promise<Result<Outputs['wave close']>> {
  const reason = textOption(input, 'reason')?.trim() ?? '';
  if (reason === '' || reason.length > 500 || /[\n\r]/.test(reason))
    return usage([
      misuse(
        'No reason was given for the comment on the closed pull requests.',
        'Give one line with --reason "…".',
      ),
    ]);
  const isNarrowed =
    input.names.length > 0 ||
    ['all', 'wave', 'environment', 'cluster'].some((name) => input.options[name] !== undefined);
  if (!isNarrowed)
    return usage([
      misuse(
        'No target was named.',
        'Name targets such as shop@lab, or use --wave NAME, --environment NAME, --cluster NAME or --all.',
      ),
    ]);
  const loaded = await loadWave(input, services, 1);
  if (!loaded.ok) return usage(loaded.problems);
  const { view, targets, wave, forge } = loaded.value;
  const { closeMoves } = await import('../flows/wave-close.ts');
  const { describeResult, resultsAsJson } = await import('../report/targets.ts');
  const isStopped = services.finishOnInterrupt();
  const { results } = await closeMoves(view, { targets, wave, reason }, forge, isStopped);
  const width = Math.max(0, ...results.map(({ target }) => target.length));
  const unseen = targets.flatMap(({ id }) => view.problems.get(id) ?? []);
  const problems = [...loaded.problems, ...unseen, ...results.flatMap((result) => result.problems)];
  const lines = results.map((result) => `${describeResult(result, width, services.colours)}\n`);
  return {
    code: isStopped() ? 130 : codeFor(problems),
    text: lines.length === 0 ? 'None of them has an open pull request.\n' : lines.join(''),
    json: resultsAsJson(results),
    problems,
  };
}
