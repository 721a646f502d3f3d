import type { PlannedTarget, ResultOutcome, TargetResult } from '../model/bundle.ts';
import type { FileChange } from '../model/snapshot.ts';
import type { Conflict } from '../model/merge.ts';
import type { Problem } from '../model/problem.ts';
import { describeDiffs, unifiedDiff } from './diff.ts';
import { visible } from '../model/quoted.ts';
import type { Paint } from './paint.ts';
import { countProblems, problemAsJson, type ProblemJson } from './problems.ts';

/** The plans of targets as diffs, each under a line that names the target. */
export function describePlans(planned: readonly PlannedTarget[], colours: Paint): string {
  return planned
    .map(({ target, bundles, problems }) => {
      const changes = bundles.flatMap((bundle) => bundle.changes);
      const said = countProblems(problems);
      const head = `${colours.bold(visible(target))}: ${files(changes.length)}${said === '' ? '' : ` (${said})`}\n`;
      const parts = bundles
        .filter((bundle) => bundle.changes.length > 0)
        .map(
          (bundle) => `${colours.dim(`# ${bundle.repository}`)}\n${describeDiffs(bundle.changes, colours)}`,
        );
      return head + parts.join('');
    })
    .join('\n');
}

/** A line for each target: whether an upgrade is due. */
export function describeDue(planned: readonly PlannedTarget[], colours: Paint): string {
  const width = Math.max(0, ...planned.map(({ target }) => target.length));
  return planned
    .map(({ target, bundles, problems }) => {
      const count = bundles.reduce((sum, { changes }) => sum + changes.length, 0);
      const conflicts = bundles.reduce((sum, bundle) => sum + bundle.conflicts.length, 0);
      const said = count === 0 ? idle(problems, colours) : colours.yellow(`due: ${files(count)}`);
      const unread =
        count > 0 && problems.some(isUnread) ? colours.red(', and the rest could not be read') : '';
      const more =
        conflicts === 0 ? '' : `, ${String(conflicts)} ${conflicts === 1 ? 'conflict' : 'conflicts'}`;
      return `${visible(target.padEnd(width))}  ${said}${more}${unread}\n`;
    })
    .join('');
}

/** Why a target changes nothing: only where nothing was found that says otherwise it is up to date. */
const unsettled: Readonly<Record<string, string>> = {
  'lock-orphaned': 'not in the fleet, still generated',
  'lock-outside': 'outside in the fleet, still generated',
  'lock-missing': 'unknown: no lock, but files that may have been generated',
};

function idle(problems: readonly Problem[], colours: Paint): string {
  if (problems.some(isUnread)) return colours.red('not known: it could not be read, see below');
  if (problems.some(({ severity }) => severity === 'error')) return colours.red('refused, see below');
  const rules = new Set(problems.filter(({ severity }) => severity === 'warning').map(({ rule }) => rule));
  const why = Object.entries(unsettled).find(([rule]) => rules.has(rule))?.[1];
  if (why !== undefined) return colours.yellow(why);
  if (problems.some(({ rule }) => rule === 'lock-orphaned')) return colours.dim('not in the fleet');
  if (problems.some(({ rule }) => rule === 'upgrade-not-generated')) return colours.dim('not generated yet');
  if (problems.some(({ rule }) => rule === 'stage-outside')) return colours.dim('outside the mesh');
  return colours.dim('up to date');
}

/** Whether a repository or a file was not read: then nothing is known, least of all that nothing is due. */
function isUnread({ rule, severity }: Problem): boolean {
  return severity === 'error' && /^(?:forge|files)-/.test(rule);
}

/** Whether a plan leaves something in force that the fleet does not want, or may. */
export function isUnsettled({ problems }: PlannedTarget): boolean {
  return problems.some(({ rule, severity }) => severity === 'warning' && Object.hasOwn(unsettled, rule));
}

function files(count: number): string {
  if (count === 0) return 'nothing to change';
  return count === 1 ? '1 file changes' : `${String(count)} files change`;
}

/** The stable JSON of `render`, `apply` and `diff`. */
export interface PlansJson {
  readonly results: readonly PlanJson[];
  readonly summary: {
    readonly targets: number;
    readonly changed: number;
    readonly errors: number;
    readonly warnings: number;
  };
}

interface PlanJson {
  readonly target: string;
  readonly changes: readonly {
    readonly repository: string;
    readonly path: string;
    readonly action: 'add' | 'modify' | 'delete';
    /** In the unified format. */
    readonly diff: string;
    /** The whole file afterwards; null: it is deleted. */
    readonly after: string | null;
  }[];
  readonly conflicts: readonly Conflict[];
  readonly problems: readonly ProblemJson[];
}

export function plansAsJson(planned: readonly PlannedTarget[]): PlansJson {
  const results = planned.map(({ target, bundles, problems }) => ({
    target,
    changes: bundles.flatMap(({ repository, changes }) =>
      changes.map((change) => ({
        repository,
        path: change.path,
        action: actionOf(change),
        diff: unifiedDiff(change),
        after: change.after ?? null,
      })),
    ),
    conflicts: bundles.flatMap(({ conflicts }) => conflicts),
    problems: problems.map(problemAsJson),
  }));
  return {
    results,
    summary: {
      targets: results.length,
      changed: results.filter(({ changes }) => changes.length > 0).length,
      errors: count(
        planned.flatMap(({ problems }) => problems),
        'error',
      ),
      warnings: count(
        planned.flatMap(({ problems }) => problems),
        'warning',
      ),
    },
  };
}

function actionOf({ before, after }: FileChange): 'add' | 'modify' | 'delete' {
  if (after === undefined) return 'delete';
  return before === undefined ? 'add' : 'modify';
}

function count(problems: readonly Problem[], severity: Problem['severity']): number {
  return problems.filter((problem) => problem.severity === severity).length;
}

/** One line for the result of one target. */
export function describeResult(result: TargetResult, width: number, colours: Paint): string {
  const tint = {
    opened: colours.green,
    updated: colours.green,
    closed: colours.yellow,
    unchanged: colours.dim,
    waiting: colours.yellow,
    refused: colours.red,
    failed: colours.red,
  }[result.outcome];
  const related = (result.related ?? []).map(({ url }) => `after ${url}`);
  const rest = [
    result.outcome === 'waiting' || result.url === undefined ? result.reason : undefined,
    result.outcome === 'refused' || result.outcome === 'failed' ? undefined : result.url,
    ...related,
  ].filter((part) => part !== undefined);
  const said = countProblems(result.problems);
  const tail = [...rest, said === '' ? '' : `(${said})`].filter((part) => part !== '').join('  ');
  return `${tint(result.outcome.padEnd(9))} ${result.target.padEnd(width)}  ${visible(tail)}`.trimEnd();
}

/** What waits: a line each, or where many wait for the same a line for all of them. */
export function describeWaiting(results: readonly TargetResult[], colours: Paint): string {
  const groups = new Map<string, TargetResult[]>();
  for (const result of results) {
    const key = `${result.outcome} ${result.outcome === 'waiting' ? (result.reason ?? '') : ''} ${result.url ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()]
    .map((group) => {
      const [first] = group;
      if (first === undefined) return '';
      const target =
        group.length <= 2
          ? group.map((each) => each.target).join(', ')
          : `${first.target} and ${String(group.length - 1)} more`;
      return `${describeResult({ ...first, target, problems: [] }, 0, colours)}\n`;
    })
    .join('');
}

/** The stable JSON of `open` and of whatever else opens, updates or closes pull requests. */
export interface ResultsJson {
  readonly results: readonly ResultJson[];
  /** How many targets there are, and how many of each outcome that occurs. */
  readonly summary: { readonly targets: number } & Readonly<Partial<Record<ResultOutcome, number>>>;
}

export interface ResultJson extends Omit<TargetResult, 'conflicts' | 'problems'> {
  readonly conflicts: readonly Conflict[];
  readonly problems: readonly ProblemJson[];
}

export function resultAsJson(result: TargetResult): ResultJson {
  const { conflicts = [], problems } = result;
  return { ...result, conflicts, problems: problems.map(problemAsJson) };
}

export function resultsAsJson(results: readonly TargetResult[]): ResultsJson {
  const outcomes: Partial<Record<ResultOutcome, number>> = {};
  for (const { outcome } of results) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return { results: results.map(resultAsJson), summary: { targets: results.length, ...outcomes } };
}
