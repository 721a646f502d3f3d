import type { BundleOptions } from '../flows/plan-on.ts';
import type { TargetResult } from '../model/bundle.ts';
import type { Fleet, Target } from '../model/fleet.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import type { Progress } from '../model/waves.ts';
import {
  codeFor,
  command,
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
import { declareStages, loadWave, type LoadedWave } from './waves.ts';
import { overrideOption, planningOf } from './checks.ts';
import { openPullRequests } from './opening.ts';
import { sizeOption } from './wave-plan.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'wave open',
  summary: 'open the next pull requests that plan and gates allow, and say why the others wait',
  argument: targetArgument,
  options: [
    { flags: '--wave <name>', help: 'only the moves of one wave' },
    {
      flags: '--parallel <number>',
      help: 'how many namespaces of a wave may be in progress at a time (default: 1)',
    },
    {
      flags: '--dry-run',
      help: 'print the pull requests with their diffs, open none; exit 1 if there are any',
    },
    sizeOption,
    overrideOption,
    ...selectionOptions,
  ],
  examples: [
    'meshwright wave open',
    'meshwright wave open --environment lab --parallel 5',
    'meshwright wave open --dry-run',
  ],
  run: openWave,
});

function parallelOf(input: Input): Outcome<number> {
  const parallel = textOption(input, 'parallel') ?? '1';
  if (/^[1-9][0-9]{0,4}$/.test(parallel)) return success(Number(parallel));
  return failure(
    misuse(`"${parallel}" is not a valid number of namespaces.`, 'Use a number from 1 to 99999.'),
  );
}

async function openWave(input: Input, services: Services): Promise<Result<Outputs['wave open']>> {
  const parallel = parallelOf(input);
  if (!parallel.ok) return usage(parallel.problems);
  const loaded = await loadWave(input, services, parallel.value);
  if (!loaded.ok) return usage(loaded.problems);
  const { fleet, fleetFile, texts, view, targets } = loaded.value;
  const { allowedMoves, stagesWith, targetsToOpen } = await import('../flows/wave-open.ts');
  const { moves, others } = allowedMoves(view, targets, loaded.value.wave);
  const { loadFleetTexts } = await import('../fleet/load.ts');
  const actual = loadFleetTexts(texts, stagesWith(view, moves, fleet));
  if (!actual.ok) return usage(actual.problems);
  const due = targetsToOpen(moves, actual.value);
  const planning = await planningOf(input, actual.value, fleetFile, {
    forge: loaded.value.forge,
    templates: loaded.value.templates,
  });
  if (!planning.ok) return usage(planning.problems);
  const run = {
    loaded: loaded.value,
    actual: actual.value,
    planning: planning.value,
    moves,
    due,
    others,
    problems: loaded.problems,
  };
  return isSet(input, 'dryRun') ? preview(run, services) : open(run, services);
}

interface Run {
  readonly loaded: LoadedWave;
  /** The fleet as the forge has it, with the moves made. */
  readonly actual: Fleet;
  readonly planning: BundleOptions;
  readonly moves: readonly Progress[];
  readonly due: readonly Target[];
  readonly others: readonly TargetResult[];
  readonly problems: Result['problems'];
}

async function open(
  { loaded, actual, planning, moves, due, others, problems }: Run,
  services: Services,
): Promise<Result<Outputs['wave open']>> {
  const { forge, templates, view } = loaded;
  const { settledTargets } = await import('../flows/wave-open.ts');
  const { describeResult, describeWaiting, resultsAsJson } = await import('../report/targets.ts');
  const settled = await settledTargets(view, moves, due, { fleet: actual, templates }, forge);
  const width = Math.max(0, ...due.map(({ id }) => id.length));
  const unchanged = [...settled].map(([target, url]): TargetResult => {
    const result: TargetResult = { target, outcome: 'unchanged', url, problems: [] };
    services.progress(describeResult(result, width, services.colours));
    return result;
  });
  const opening = {
    templates,
    forge,
    forgeSpec: actual.forge,
    purpose: 'stage' as const,
    options: planning,
    atOnce: actual.forge.limits.concurrency,
  };
  const rest = due.filter(({ id }) => !settled.has(id));
  const opened = await openPullRequests(rest, opening, problems, services);
  const results = [...unchanged, ...opened.results, ...others];
  const isThere = new Set(
    results.filter(({ outcome }) => /opened|updated|unchanged/.test(outcome)).map((each) => each.target),
  );
  const declared = await declareStages(
    loaded,
    view,
    moves.filter(({ target }) => isThere.has(target)),
    services,
  );
  const all = [...opened.problems, ...others.flatMap((each) => each.problems), ...declared.problems];
  const isDisputed = opened.results.some(
    ({ outcome, conflicts }) => outcome === 'refused' || (conflicts ?? []).length > 0,
  );
  return {
    code: opened.code === 130 ? 130 : codeFor(all, isDisputed),
    text: [opened.text, describeWaiting(others, services.colours), declared.text]
      .filter((part) => part !== '')
      .join('\n'),
    json: { ...resultsAsJson(results), fleet: declared.changed },
    problems: all,
  };
}

async function preview(
  { loaded, actual, planning, due, others, problems }: Run,
  services: Services,
): Promise<Result<Outputs['wave open']>> {
  const { planDrafts } = await import('../flows/drafts.ts');
  const { describeDraft, draftAsJson } = await import('../report/drafts.ts');
  const { describeWaiting, plansAsJson, resultAsJson } = await import('../report/targets.ts');
  const { planned, drafts } = await planDrafts(due, loaded.templates, loaded.forge, actual.forge, planning);
  const all = [
    ...problems,
    ...planned.flatMap((each) => each.problems),
    ...others.flatMap((each) => each.problems),
  ];
  const pullRequests = drafts.map(draftAsJson);
  const shown = drafts.map((draft) => describeDraft(draft, services.colours));
  return {
    code: codeFor(all, drafts.length > 0),
    text: [...shown, describeWaiting(others, services.colours)].join('\n'),
    json: { ...plansAsJson(planned), pullRequests, waiting: others.map(resultAsJson) },
    problems: all,
  };
}
