import {
  command,
  codeFor,
  selectionOptions,
  targetArgument,
  usage,
  type Input,
  type Result,
  type Services,
} from './command.ts';
import { loadWithForge } from './load.ts';
import { maxSizeOf, sizeOption } from './wave-plan.ts';

export default command({
  id: 'wave status',
  summary: 'where every target of the plan stands, read from the forge alone',
  argument: targetArgument,
  options: [sizeOption, ...selectionOptions],
  examples: ['meshwright wave status', 'meshwright wave status --environment lab --json'],
  run: status,
});

async function status(input: Input, services: Services): Promise<Result> {
  const size = maxSizeOf(input);
  if (!size.ok) return usage(size.problems);
  const isNarrowed =
    input.names.length > 0 || ['environment', 'cluster'].some((name) => input.options[name] !== undefined);
  const options = isNarrowed ? input.options : { ...input.options, all: true };
  const loaded = await loadWithForge({ ...input, options }, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { fleet, targets, forge } = loaded.value;
  const { waveStatus } = await import('../flows/wave-status.ts');
  const { describeProgress, progressAsJson } = await import('../report/progress.ts');
  const { progress, problems } = await waveStatus(fleet, targets, forge, size.value);
  const all = [...loaded.problems, ...problems];
  return {
    code: codeFor(all),
    text: describeProgress(progress, services.colours),
    json: progressAsJson(progress),
    problems: all,
  };
}
