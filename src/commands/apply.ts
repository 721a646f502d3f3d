import type { PlannedTarget } from '../model/bundle.ts';
import type { Target } from '../model/fleet.ts';
import type { Problem } from '../model/problem.ts';
import type { RepositoryId } from '../model/named.ts';
import {
  command,
  codeFor,
  isSet,
  selectionOptions,
  targetArgument,
  textOption,
  usage,
  type Input,
  type Services,
  type Result,
} from './command.ts';
import { overrideOption, planningOf } from './checks.ts';
import { loadTargets } from './load.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'apply',
  summary: "edit a checkout of an application's repository in place",
  argument: targetArgument,
  options: [
    { flags: '--dir <checkout>', help: 'root of the checkout (default: this folder)' },
    {
      flags: '--repository <owner/name>',
      help: "which repository the checkout is (default: the target's own)",
    },
    { flags: '--dry-run', help: 'print the diff, write nothing, exit 1 if there is one' },
    overrideOption,
    ...selectionOptions,
  ],
  examples: ['meshwright apply shop@lab --dir ../shop --dry-run', 'meshwright apply shop@lab --dir ../shop'],
  run: apply,
});

async function apply(input: Input, services: Services): Promise<Result<Outputs['apply']>> {
  const loaded = await loadTargets(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { targets, templates } = loaded.value;
  const directory = textOption(input, 'dir') ?? services.workingDirectory;
  const tree = await services.files.tree(directory);
  if (!tree.ok) return usage(tree.problems);
  const repository = textOption(input, 'repository') as RepositoryId | undefined;
  const owners = new Set(targets.map((target) => target.repository));
  if (repository === undefined && owners.size > 1)
    return usage([
      {
        rule: 'apply-several-repositories',
        severity: 'error',
        message: `The targets live in ${[...owners].join(', ')}, but a checkout is one repository.`,
        fix: 'Name the targets of one repository, or say with --repository which one the checkout is.',
      },
    ]);
  const { entriesIn, onlyCheckout } = await import('../flows/one-checkout.ts');
  const here = repository ?? targets[0]?.repository ?? ('' as RepositoryId);
  const entries = await entriesIn(here, tree.value);
  if (!entries.ok) return usage(entries.problems);
  const planning = await planningOf(input, loaded.value.fleet, loaded.value.fleetFile, {
    templates,
    checkout: { source: onlyCheckout(here, tree.value), entries: entries.value },
  });
  if (!planning.ok) return usage(planning.problems);
  const { planApply } = await import('../flows/apply.ts');
  const { describePlans, plansAsJson } = await import('../report/targets.ts');
  const planned = await planApply(targets, templates, tree.value, repository, planning.value);
  const problems = [
    ...loaded.value.problems,
    ...planned.flatMap((each) => each.problems),
    ...unproven(targets, planned),
  ];
  const changes = planned.flatMap(({ bundles }) => bundles.flatMap((bundle) => bundle.changes));
  const result = (code: Result['code'], isShown: boolean, more: readonly Problem[] = []) => ({
    code,
    // git applies what is printed.
    reader: 'program' as const,
    get text() {
      return isShown ? describePlans(planned, services.colours) : '';
    },
    get json() {
      return plansAsJson(planned);
    },
    problems: [...problems, ...more],
  });
  const code = codeFor(problems);
  if (isSet(input, 'dryRun')) return result(codeFor(problems, changes.length > 0), true);
  // One target in error stops the writing of all: a checkout is written whole or not at all.
  if (code !== 0) return result(code, false);
  const written = await services.files.write(directory, changes);
  return written.ok ? result(0, true) : result(codeFor(written.problems), false, written.problems);
}

/** A checkout shows one repository: of calls from and to others nothing is known here. At `joined` nothing is refused. */
function unproven(targets: readonly Target[], planned: readonly PlannedTarget[]): readonly Problem[] {
  const enforced = new Set(targets.filter(({ stage }) => stage === 'enforced').map(({ id }) => id));
  const changed = planned.filter(
    ({ target, bundles }) => enforced.has(target) && bundles.some(({ changes }) => changes.length > 0),
  );
  if (changed.length === 0) return [];
  return [
    {
      rule: 'apply-not-proven',
      severity: 'warning',
      message: `The effect on traffic is known only as far as this checkout shows it, and ${changed.map(({ target }) => target).join(', ')} ${changed.length === 1 ? 'is' : 'are'} to refuse what is not declared.`,
      fix: 'Run meshwright simulate before you commit, or use meshwright open, which proves the plan.',
    },
  ];
}
