import {
  command,
  codeFor,
  isSet,
  selectionOptions,
  targetArgument,
  usage,
  type Input,
  type Result,
  type Services,
} from './command.ts';
import { overrideOption, planningOf } from './checks.ts';
import { loadWithForge } from './load.ts';
import { openPullRequests } from './opening.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'open',
  summary: 'open the pull requests of targets, or update those that are open',
  argument: targetArgument,
  options: [
    {
      flags: '--dry-run',
      help: 'print the pull requests with their diffs, open none; exit 1 if there are any',
    },
    overrideOption,
    ...selectionOptions,
  ],
  examples: ['meshwright open shop@lab', 'meshwright open --environment lab --dry-run'],
  run: (input, services) => (isSet(input, 'dryRun') ? preview(input, services) : open(input, services)),
});

async function open(input: Input, services: Services): Promise<Result<Outputs['open']>> {
  const loaded = await loadWithForge(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { targets, templates, fleet, fleetFile, forge } = loaded.value;
  const planning = await planningOf(input, fleet, fleetFile, { forge, templates });
  if (!planning.ok) return usage(planning.problems);
  const opening = {
    templates,
    forge,
    forgeSpec: fleet.forge,
    purpose: 'stage' as const,
    options: planning.value,
    atOnce: fleet.forge.limits.concurrency,
  };
  return openPullRequests(targets, opening, loaded.problems, services);
}

async function preview(input: Input, services: Services): Promise<Result<Outputs['open']>> {
  const loaded = await loadWithForge(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { targets, templates, fleet, fleetFile, forge } = loaded.value;
  const planning = await planningOf(input, fleet, fleetFile, { forge, templates });
  if (!planning.ok) return usage(planning.problems);
  const { planDrafts } = await import('../flows/drafts.ts');
  const { describeDraft, draftAsJson } = await import('../report/drafts.ts');
  const { plansAsJson } = await import('../report/targets.ts');
  const { planned, drafts } = await planDrafts(targets, templates, forge, fleet.forge, planning.value);
  const problems = [...loaded.value.problems, ...planned.flatMap((each) => each.problems)];
  const pullRequests = drafts.map(draftAsJson);
  return {
    code: codeFor(problems, drafts.length > 0),
    text: drafts.map((draft) => describeDraft(draft, services.colours)).join('\n'),
    json: { ...plansAsJson(planned), pullRequests },
    problems,
  };
}
