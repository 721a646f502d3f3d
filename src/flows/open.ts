import { branchOf, formerBranchOf } from '../bundle/branch-name.ts';
import { draftOf, type Purpose } from '../bundle/draft.ts';
import { needsGate, repositoriesOf } from '../bundle/plan-target.ts';
import { concurrently } from '../model/concurrently.ts';
import type { Bundle, TargetResult, TemplateSet } from '../model/bundle.ts';
import type { ForgeSpec, Target } from '../model/fleet.ts';
import type { RepositoryId } from '../model/named.ts';
import type { Forge, RepositoryState, UpsertResult } from '../model/ports.ts';
import { hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import { leftAlone, ownerOf, placeOnBranch, type NextCommit } from './branch-content.ts';
import { dueOnForge } from './due.ts';
import { nothingWanted, planOn, type BundleOptions } from './plan-on.ts';
import { checkoutOf } from './read-until.ts';

/** What the pull requests are made with, and what for. */
export interface Opening {
  readonly templates: TemplateSet;
  readonly forge: Forge;
  readonly forgeSpec: ForgeSpec;
  readonly purpose: Purpose['kind'];
  readonly options: BundleOptions;
  /** Whether the gate of STRICT was found open; else no pull request may turn it on. */
  readonly isGateOpen?: boolean;
  /** How many repositories are worked on at the same time; 1 where the order matters. */
  readonly atOnce: number;
  /** Whether someone wants the run to end: what is under way is finished, nothing more is begun. */
  isStopped(): boolean;
}

/** Opens, or brings up to date, the pull requests of the targets: those of one repository one after the other, `atOnce`
 *  repositories at a time.
 *  @param report  told each result in the targets' order, as soon as all before it are there
 *  @returns one result a target, in order, whatever happened to the others */
export async function openTargets(
  targets: readonly Target[],
  opening: Opening,
  report: (result: TargetResult) => void,
): Promise<readonly TargetResult[]> {
  const results = new Map<Target, TargetResult>();
  let told = 0;
  const add = (target: Target, result: TargetResult) => {
    results.set(target, result);
    for (const next of targets.slice(told)) {
      const known = results.get(next);
      if (known === undefined) return;
      report(known);
      told++;
    }
  };
  const groups = new Map<RepositoryId, Target[]>();
  for (const target of targets)
    groups.set(target.repository, [...(groups.get(target.repository) ?? []), target]);
  await concurrently([...groups.values()], opening.atOnce, async (group) => {
    for (const target of group)
      add(target, opening.isStopped() ? interrupted(target) : await openAgain(target, opening));
  });
  return targets.flatMap((target) => results.get(target) ?? []);
}

function interrupted({ id }: Target): TargetResult {
  return {
    target: id,
    outcome: 'waiting',
    reason: 'the run was interrupted before it got here',
    problems: [],
  };
}

/** Someone else may be at the same branch at the same moment; what they made is looked at before anything is said. */
async function openAgain(target: Target, opening: Opening): Promise<TargetResult> {
  for (let tries = 1; ; tries++) {
    const result = await openTarget(target, opening);
    const hasMoved = result.problems.some(({ rule }) => rule === 'forge-branch-moved');
    if (result.outcome !== 'failed' || !hasMoved || tries === 3) return result;
  }
}

/** What `open` would write for one repository of a target. */
interface Prepared extends NextCommit {
  readonly repository: RepositoryId;
  readonly state: RepositoryState;
  /** What differs from the base branch: what the pull request is about. */
  readonly bundle: Bundle;
  readonly branch: string;
  /** For whoever runs it; the pull request has nothing to do with them. */
  readonly notices: readonly Problem[];
}

async function openTarget(target: Target, opening: Opening): Promise<TargetResult> {
  if (target.stage === 'outside' && opening.purpose !== 'rollback')
    return { target: target.id, outcome: 'unchanged', problems: nothingWanted(target).problems };
  let purpose: Purpose = { kind: opening.purpose === 'rollback' ? 'rollback' : 'stage' };
  if (opening.purpose === 'upgrade') {
    const { templates, forge, forgeSpec, options } = opening;
    const due = await dueOnForge(target, templates, forge, forgeSpec, options.fleetLocks);
    if (!due.ok) return refusal(target, due.problems);
    const isLocked = due.problems.length === 0;
    if (due.value === undefined && !(isLocked && opening.options.restore))
      return { target: target.id, outcome: 'unchanged', problems: due.problems };
    purpose = { kind: 'upgrade', ...(due.value ?? noReason) };
  }
  const prepared: Prepared[] = [];
  const problems: Problem[] = [];
  for (const repository of repositoriesOf(target)) {
    const planned = await prepare(target, repository, opening);
    const one = opened(planned, opening);
    problems.push(...(one.ok ? [...one.value.bundle.problems, ...one.value.notices] : one.problems));
    if (one.ok) prepared.push(one.value);
  }
  const closed = opening.isGateOpen === true ? undefined : problems.find(({ rule }) => rule === needsGate);
  if (closed !== undefined) return refusal(target, [...problems, { ...closed, severity: 'error' }]);
  if (hasErrors(problems)) return refusal(target, problems);
  return write(target, prepared, problems, purpose, opening);
}

/** With the gate open, its warning is not reported. */
function opened(planned: Outcome<Prepared>, { isGateOpen }: Opening): Outcome<Prepared> {
  if (!planned.ok || isGateOpen !== true) return planned;
  const { bundle } = planned.value;
  const problems = bundle.problems.filter(({ rule }) => rule !== needsGate);
  return success({ ...planned.value, bundle: { ...bundle, problems } });
}

/** Files are restored that nothing else asks to change. */
const noReason = { from: '', to: '', versions: [], declared: [] };

async function prepare(
  target: Target,
  repository: RepositoryId,
  { templates, forge, forgeSpec, purpose, options }: Opening,
): Promise<Outcome<Prepared>> {
  const branch = branchOf(target, forgeSpec, purpose);
  const former = formerBranchOf(target, forgeSpec, purpose);
  const found = await forge.state(repository, forgeSpec.baseBranch, branch, former);
  if (!found.ok) return found;
  let state = found.value;
  const { base } = state;
  const onBase = await planOn({ target, repository, templates }, checkoutOf(base), options);
  if (!onBase.ok) return onBase;
  const { bundle } = onBase.value;
  const plan = { target, repository, templates, options };
  const notices: Problem[] = [];
  if (state.branch?.name === former) {
    const owner = await ownerOf(plan, state.branch, bundle);
    if (!owner.ok) return owner;
    if (owner.value === 'nobody') notices.push(leftAlone(plan, state.branch));
    if (owner.value !== 'target') {
      const without = await forge.state(repository, forgeSpec.baseBranch, branch);
      if (!without.ok) return without;
      state = without.value;
    }
  }
  const whole = { repository, state, branch: state.branch?.name ?? branch, notices };
  if (bundle.changes.length === 0)
    return success({
      ...whole,
      bundle,
      changes: [],
      placement: { parent: base, isExact: false },
      problems: [],
    });
  const placed = await placeOnBranch(plan, state, bundle);
  if (!placed.ok) return placed;
  const problems = [...bundle.problems, ...placed.value.problems];
  return success({ ...whole, ...placed.value, bundle: { ...bundle, problems } });
}

async function write(
  target: Target,
  prepared: readonly Prepared[],
  problems: readonly Problem[],
  purpose: Purpose,
  { templates, forge, forgeSpec }: Opening,
): Promise<TargetResult> {
  const found: Problem[] = [...problems];
  const related: { repository: string; url: string }[] = [];
  let main: UpsertResult | undefined;
  let hasWritten = false;
  // The label must be there before the restart, so the Namespace manifest's pull request comes first.
  for (const part of [...prepared].reverse()) {
    if (part.bundle.changes.length === 0) continue;
    const draft = draftOf(target, part.bundle, templates, {
      forge: forgeSpec,
      purpose,
      related,
      branch: part.branch,
    });
    if (!draft.ok) return refusal(target, [...found, ...draft.problems], related);
    const { changes, state, placement } = part;
    const result = await forge.upsert({ ...draft.value, changes }, state, placement);
    found.push(...result.problems);
    if (!result.ok) return refusal(target, found, related);
    hasWritten ||= result.value.outcome !== 'unchanged';
    if (part.repository === target.repository) main = result.value;
    else related.push({ repository: part.repository, url: result.value.url });
  }
  const outcome =
    main === undefined || main.outcome === 'unchanged'
      ? hasWritten
        ? 'updated'
        : 'unchanged'
      : main.outcome;
  return {
    target: target.id,
    outcome,
    url: main?.url ?? related[0]?.url,
    ...(related.length > 0 && { related }),
    conflicts: prepared.flatMap(({ bundle }) => bundle.conflicts),
    problems: found,
  };
}

function refusal(
  target: Target,
  problems: readonly Problem[],
  related: TargetResult['related'] = [],
): TargetResult {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const isOutside = errors.some(({ rule }) => /^(?:forge|machine)-/.test(rule));
  return {
    target: target.id,
    outcome: isOutside ? 'failed' : 'refused',
    reason: errors[0]?.message,
    ...(related.length > 0 && { related }),
    problems,
  };
}
