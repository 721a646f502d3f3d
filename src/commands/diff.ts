import {
  command,
  codeFor,
  selectionOptions,
  targetArgument,
  usage,
  type Input,
  type Services,
  type Result,
} from './command.ts';
import { overrideOption, planningOf } from './checks.ts';
import { loadWithForge } from './load.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'diff',
  summary: 'show what each target would change in its repository; exit 1 if anything changes',
  argument: targetArgument,
  options: [overrideOption, ...selectionOptions],
  examples: ['meshwright diff shop@lab', 'meshwright diff --environment lab --json'],
  run: diff,
});

async function diff(input: Input, services: Services): Promise<Result<Outputs['diff']>> {
  const loaded = await loadWithForge(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { targets, templates, fleet, fleetFile, forge } = loaded.value;
  const planning = await planningOf(input, fleet, fleetFile, { forge, templates });
  if (!planning.ok) return usage(planning.problems);
  const { planDiff } = await import('../flows/diff.ts');
  const { describePlans, plansAsJson } = await import('../report/targets.ts');
  const planned = await planDiff(targets, templates, forge, fleet.forge, planning.value);
  const problems = [...loaded.value.problems, ...planned.flatMap((each) => each.problems)];
  const isDifferent = planned.some(({ bundles }) => bundles.some(({ changes }) => changes.length > 0));
  return {
    code: codeFor(problems, isDifferent),
    reader: 'program',
    get text() {
      return describePlans(planned, services.colours);
    },
    get json() {
      return plansAsJson(planned);
    },
    problems,
  };
}
