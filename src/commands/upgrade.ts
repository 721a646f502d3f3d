import type { PlannedTarget } from '../model/bundle.ts';
import type { Forge } from '../model/ports.ts';
import { hasErrors } from '../model/problem.ts';
import {
  command,
  codeFor,
  isSet,
  selectionOptions,
  targetArgument,
  textOption,
  usage,
  type Input,
  type Result,
  type Services,
  misuse,
} from './command.ts';
import { overrideOption, planningOf } from './checks.ts';
import { loadTargets, loadWithForge, type Loaded } from './load.ts';
import { openPullRequests } from './opening.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'upgrade',
  summary: 'regenerate with the current templates and fleet, and keep manual changes',
  argument: targetArgument,
  options: [
    { flags: '--open', help: 'open pull requests; drafts where manual changes conflict with the templates' },
    { flags: '--check', help: 'only list the targets that are due; exit 1 if there are any' },
    { flags: '--dir <checkout>', help: 'work in a checkout, in place (with --check: only read it)' },
    {
      flags: '--to <version>',
      help: 'use another version of the templates (a tag, if they come from a repository)',
    },
    { flags: '--restore', help: 'write generated files again that someone removed' },
    overrideOption,
    ...selectionOptions,
  ],
  examples: [
    'meshwright upgrade shop@lab',
    'meshwright upgrade --all --check',
    'meshwright upgrade --environment lab --open',
    'meshwright upgrade shop@lab --dir ../shop',
  ],
  run: upgrade,
});

async function upgrade(input: Input, services: Services): Promise<Result<Outputs['upgrade']>> {
  const directory = textOption(input, 'dir');
  const isOpening = isSet(input, 'open');
  if (isOpening && (directory !== undefined || isSet(input, 'check')))
    return usage([misuse('--open cannot be combined with --dir or --check.', 'Use one of them.')]);
  if (isOpening) return openUpgrades(input, services);
  return directory === undefined ? diffUpgrades(input, services) : upgradeIn(directory, input, services);
}

const optionsOf = (input: Input, { fleet, fleetFile, templates }: Loaded, forge?: Forge) =>
  planningOf(input, fleet, fleetFile, {
    restore: isSet(input, 'restore'),
    templates,
    ...(forge !== undefined && { forge }),
  });

async function openUpgrades(input: Input, services: Services): Promise<Result<Outputs['upgrade']>> {
  const loaded = await loadWithForge(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { targets, templates, fleet, forge } = loaded.value;
  const planning = await optionsOf(input, loaded.value, forge);
  if (!planning.ok) return usage(planning.problems);
  const opening = {
    templates,
    forge,
    forgeSpec: fleet.forge,
    purpose: 'upgrade' as const,
    options: planning.value,
    atOnce: fleet.forge.limits.concurrency,
  };
  return openPullRequests(targets, opening, loaded.problems, services);
}

async function diffUpgrades(input: Input, services: Services): Promise<Result<Outputs['upgrade']>> {
  const loaded = await loadWithForge(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { targets, templates, fleet, forge } = loaded.value;
  const planning = await optionsOf(input, loaded.value, forge);
  if (!planning.ok) return usage(planning.problems);
  const { planUpgrades } = await import('../flows/upgrade.ts');
  const planned = await planUpgrades(targets, templates, forge, fleet.forge, planning.value);
  return described(planned, loaded.problems, input, services);
}

async function upgradeIn(
  directory: string,
  input: Input,
  services: Services,
): Promise<Result<Outputs['upgrade']>> {
  const loaded = await loadTargets(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { targets, templates } = loaded.value;
  const tree = await services.files.tree(directory);
  if (!tree.ok) return usage(tree.problems);
  const planning = await optionsOf(input, loaded.value);
  if (!planning.ok) return usage(planning.problems);
  const { planUpgradesIn } = await import('../flows/upgrade.ts');
  const planned = await planUpgradesIn(targets, templates, tree.value, planning.value);
  const warnings = loaded.problems;
  const result = await described(planned, warnings, input, services);
  // One target in error stops the writing of all: a checkout is written whole or not at all.
  if (isSet(input, 'check') || hasErrors(result.problems)) return result;
  const changes = planned.flatMap(({ bundles }) => bundles.flatMap((bundle) => bundle.changes));
  const written = await services.files.write(directory, changes);
  const isDisputed = planned.some(({ bundles }) => bundles.some(({ conflicts }) => conflicts.length > 0));
  return described(planned, [...warnings, ...written.problems], input, services, isDisputed);
}

/** @param isDifferent  whether the run counts as 1 though no problem is an error; undefined: when something is due */
async function described(
  planned: readonly PlannedTarget[],
  warnings: Result['problems'],
  input: Input,
  services: Services,
  isDifferent?: boolean,
): Promise<Result<Outputs['upgrade']>> {
  const { describeDue, describePlans, isUnsettled, plansAsJson } = await import('../report/targets.ts');
  const problems = [...warnings, ...planned.flatMap((each) => each.problems)];
  const isDue = planned.some(({ bundles }) => bundles.some(({ changes }) => changes.length > 0));
  const isCheck = isSet(input, 'check');
  return {
    code: codeFor(problems, isDifferent ?? (isDue || (isCheck && planned.some(isUnsettled)))),
    get text() {
      return isCheck ? describeDue(planned, services.colours) : describePlans(planned, services.colours);
    },
    get json() {
      return plansAsJson(planned);
    },
    problems,
  };
}
