import type { TargetResult } from '../model/bundle.ts';
import type { FleetTexts } from '../fleet/texts.ts';
import type { Fleet, Target } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import { shellComment } from '../model/shell.ts';
import type { RollbackLevel } from '../flows/rollback.ts';
import {
  command,
  codeFor,
  isSet,
  misuse,
  selectionOptions,
  refusal,
  textOption,
  usage,
  type Input,
  type Result,
  type Services,
} from './command.ts';
import { editFleet } from './edit-fleet.ts';
import { loadWithForge, type Loaded } from './load.ts';
import { openPullRequests } from './opening.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'rollback',
  summary: 'stop enforcing (level 1), or take a namespace out of the mesh (level 2)',
  argument: { name: '[target...]', help: 'shop@lab, or cluster/lab-eu-1 with everything on it' },
  options: [
    {
      flags: '--level <number>',
      help: '1: PERMISSIVE, policies only report, any host can be called; nothing restarts. 2: out of the mesh; pods restart',
    },
    { flags: '--dry-run', help: 'open nothing; print the commands for an emergency' },
    ...selectionOptions,
  ],
  examples: [
    'meshwright rollback shop@lab --level 1',
    'meshwright rollback cluster/lab-eu-1 --level 1',
    'meshwright rollback shop@lab --level 2 --dry-run > emergency.sh',
  ],
  run: rollback,
});

async function rollback(input: Input, services: Services): Promise<Result<Outputs['rollback']>> {
  const level = levelOf(textOption(input, 'level'));
  if (level === undefined)
    return usage([
      misuse(
        'No level was given.',
        'Use --level 1 (nothing restarts), or --level 2 (out of the mesh, as the last resort).',
      ),
    ]);
  const loaded = await loadWithForge(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { fleet, texts, templates, forge, targets } = loaded.value;
  if (level === 2 && targets.some(({ kind }) => kind === 'cluster'))
    return usage([
      misuse(
        'A cluster has no level 2: its namespaces leave the mesh one by one.',
        'Name namespaces, such as shop@lab.',
      ),
    ]);
  const flow = await import('../flows/rollback.ts');
  const next = await rolledBackFleet(targets, fleet, texts, level);
  if (!next.ok) return usage(next.problems);
  const wanted = flow.rollbackTargets(targets, next.value.fleet, level);
  const { locksOf } = await import('../bundle/desired-states.ts');
  const options = { restore: false, fleetLocks: locksOf(fleet.targets) };
  const known = await flow.rolledOut(wanted, forge, fleet.forge, options);
  if (!known.ok) return refused(known.problems);
  const objects = await flow.rollbackObjects(known.value, templates, forge, fleet.forge, options);
  if (!objects.ok) return refused(objects.problems);
  const { emergencyScript } = await import('../report/emergency.ts');
  const { script, problems: unnamed } = emergencyScript(objects.value);
  const plan = { wanted, known: known.value, script, declare: next.value.declare };
  if (!isSet(input, 'dryRun')) {
    // The pull requests are the way out then; what no command could be printed for does not hold them up.
    const warnings = unnamed.map((problem) => ({ ...problem, severity: 'warning' as const }));
    return openRollback(plan, loaded.value, [...loaded.problems, ...warnings], services);
  }
  const nothing = unnamed.length > 0 ? '' : '# Nothing to roll back: nothing was rolled out.\n';
  const problems = [...loaded.problems, ...objects.problems, ...unnamed];
  return {
    code: codeFor(problems),
    reader: 'program',
    text: script === '' ? nothing : script,
    json: { targets: plan.known.map(({ id }) => id), emergency: script },
    problems,
  };
}

interface RollbackPlan {
  readonly wanted: readonly Target[];
  /** Those that were ever rolled out. */
  readonly known: readonly Target[];
  readonly script: string;
  /** What the fleet file must say from now on. */
  readonly declare: (before: FleetTexts) => Outcome<FleetTexts>;
}

async function openRollback(
  { wanted, known, script, declare }: RollbackPlan,
  loaded: Loaded & { readonly forge: Forge },
  warnings: Result['problems'],
  services: Services,
): Promise<Result<Outputs['rollback']>> {
  const { fleet, fleetFile, templates, forge } = loaded;
  const { locksOf } = await import('../bundle/desired-states.ts');
  const opening = {
    templates,
    forge,
    forgeSpec: fleet.forge,
    purpose: 'rollback' as const,
    options: { restore: false, fleetLocks: locksOf(fleet.targets) },
    atOnce: 1,
  };
  const { resultAsJson } = await import('../report/targets.ts');
  const result = await openPullRequests(known, opening, warnings, services);
  const untouched = wanted.filter((target) => !known.includes(target));
  const neverRolledOut = untouched.map((target) => resultAsJson(asUntouched(target)));
  const json = { ...result.json, neverRolledOut, emergency: script };
  if (result.code !== 0) return { ...result, reader: 'program', text: script, json };
  const written = await editFleet(loaded.texts, declare, services);
  const isDue = written.ok && written.value !== loaded.texts;
  const declared = isDue
    ? `${shellComment(`${fleetFile} now declares the current stages; commit it.`)}\n`
    : '';
  const skipped = untouched.map(({ id }) => `${shellComment(`${id} was never rolled out.`)}\n`).join('');
  return {
    code: codeFor(written.problems),
    reader: 'program',
    text: [skipped, declared, script].filter((part) => part !== '').join('\n'),
    json,
    problems: [...result.problems, ...written.problems],
  };
}

function levelOf(text: string | undefined): RollbackLevel | undefined {
  return text === '1' ? 1 : text === '2' ? 2 : undefined;
}

function refused(problems: Result['problems']): Result<never> {
  return refusal(problems, true);
}

function asUntouched({ id }: Target): TargetResult {
  return { target: id, outcome: 'unchanged', problems: [] };
}

/** The fleet as it must be declared from now on; else the next run would roll everything out again. */
async function rolledBackFleet(
  targets: readonly Target[],
  fleet: Fleet,
  texts: FleetTexts,
  level: RollbackLevel,
): Promise<Outcome<Pick<RollbackPlan, 'declare'> & { readonly fleet: Fleet }>> {
  const { rollbackStages } = await import('../flows/rollback.ts');
  const { setMode, setStages } = await import('../fleet/edit.ts');
  const { loadFleetTexts } = await import('../fleet/load.ts');
  const { clusters, namespaces } = rollbackStages(targets, fleet, level);
  const declare = (before: FleetTexts): Outcome<FleetTexts> => {
    let edited = setStages(before, namespaces);
    for (const { cluster, mode } of clusters) if (edited.ok) edited = setMode(edited.value, cluster, mode);
    return edited;
  };
  const edited = declare(texts);
  if (!edited.ok) return edited;
  const loaded = loadFleetTexts(edited.value);
  return loaded.ok ? success({ fleet: loaded.value, declare }) : loaded;
}
