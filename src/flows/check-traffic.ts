import { repositoriesOf } from '../bundle/plan-target.ts';
import type { BundleCall, TemplateSet } from '../model/bundle.ts';
import type { Fleet, NamespaceSpec, Target } from '../model/fleet.ts';
import type { RepositoryId } from '../model/named.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import type { FileChange } from '../model/snapshot.ts';
import {
  describeCall,
  describeCallee,
  describeRequest,
  countResults,
  firstBreak,
  isDeclared,
  namespacesOf,
  statesOfMerge,
  type Call,
  type CallReport,
  type Known,
  type Verdict,
} from '../model/traffic.ts';
import { declaredCalls } from '../traffic/declared.ts';
import { displacedCalls } from '../traffic/displaced.ts';
import { mergeCalls } from '../traffic/graph.ts';
import { scannedCalls } from '../traffic/scanned.ts';
import { simulate } from '../traffic/simulate.ts';
import { statesOf } from '../traffic/states.ts';
import { Checkouts, type RepositorySource } from './checkouts.ts';
import { isEnforcing, knowledgeAt, unknownOf, unknownProblems } from './check-knowledge.ts';
import { isOtherRepository } from './one-checkout.ts';
import { planOn, type BundleCheck } from './plan-on.ts';
import { clusterScopes, type ClusterScope, type FoundEntries } from './cluster-scope.ts';
import { readInventory } from './read-inventory.ts';

/** Name of the check, for overrides. */
export const callBreaks = 'call-breaks';

/** A place of which what can be read is read. */
interface Looked {
  readonly place: ClusterScope;
  /** With the namespaces that can't be read too. */
  readonly whole: ClusterScope;
  readonly calls: readonly Call[];
}

interface TrafficContext {
  readonly fleet: Fleet;
  readonly fleetFile: string;
  readonly templates: TemplateSet;
  readonly forge: RepositorySource;
  readonly entries?: FoundEntries | undefined;
}

/** The effect of a bundle on the declared calls of its target once merged, on every cluster of its environment: before,
 *  merged, half rolled out, restarted. A call that does not break today and breaks then is an error. Namespaces at the
 *  other end of the calls are read as their repositories are; what can't be read leaves calls undetermined, not broken. */
export function trafficCheck({ fleet, fleetFile, templates, forge, entries }: TrafficContext): BundleCheck {
  const shared = new Checkouts(forge, fleet);
  return async ({ target, repository, tree, after, bundle }) => {
    if (repository !== target.repository || (target.kind === 'cluster' && target.stage !== 'strict'))
      return success({ problems: [] });
    const places: Looked[] = [];
    for (const each of clusterScopes(fleet, new Set([target.environment]), entries)) {
      const whole = bearingOn(each, target, bundle.changes.some(changesRoutes));
      // Also the calls to and from what can't be read: they are undetermined, not left out.
      const calls = declaredCalls(whole.specs, fleetFile).filter((call) => isOf(call, target));
      places.push({ place: await readable(whole, repository, shared), whole, calls });
    }
    // What was asked of the forge for one target is not asked again for the next.
    for (const { place } of places) if (place.entry !== undefined) await shared.cluster(place.entry);
    const before = shared.copy();
    before.change(repository, tree, tree.snapshot, []);
    const merged = before.copy();
    merged.change(repository, tree, after, []);
    const elsewhere = await mergeElsewhere(target, merged, templates);
    if (!elsewhere.ok) return elsewhere;
    const reports: CallReport[] = [];
    const known: Known[] = [];
    for (const { place, whole, calls } of places) {
      const now = await readInventory(place, fleet, before, false);
      const then = await readInventory(place, fleet, merged, false);
      if (!now.ok) return now;
      if (!then.ok) return then;
      // What the built objects let in or out today is a call too, whoever declares it.
      const built = scannedCalls(now.value).filter((call) => isOf(call, target));
      // What a gateway would hand to other routes is a matter of this change, whose ever the Service is.
      const all = mergeCalls(calls, built, displacedCalls(now.value, then.value));
      reports.push(...simulate(all, statesOf({ before: now.value, after: then.value })));
      known.push(...knowledgeAt(whole, target, now.value, fleetFile));
    }
    const unique = [...new Map(reports.map((report) => [JSON.stringify(report), report])).values()];
    const changed = unique.filter(isChanged);
    const unknown = unknownOf(known);
    return success({
      problems: [
        ...changed.flatMap((report) => problemOf(report, repository, target)),
        ...(isEnforcing(target) ? unknownProblems(unknown, target, unique) : []),
      ],
      calls: {
        changed: changed.map(rowOf),
        counts: countResults(unique),
        declared: countResults(unique.filter(({ call }) => isDeclared(call))),
        unknown,
      },
    });
  };
}

/** The pull requests of the same target in other repositories: they are merged first. */
async function mergeElsewhere(
  target: Target,
  checkouts: Checkouts,
  templates: TemplateSet,
): Promise<Outcome<void>> {
  for (const repository of repositoriesOf(target)) {
    if (repository === target.repository) continue;
    const checkout = await checkouts.of(repository);
    if (!checkout.ok && isOtherRepository(checkout)) continue;
    if (!checkout.ok) return checkout;
    const { tree } = checkout.value;
    const plan = await planOn({ target, repository, templates }, checkout.value);
    if (plan.ok) checkouts.change(repository, tree, plan.value.snapshot, plan.value.bundle.changes);
  }
  return success(undefined);
}

/** The place with the namespaces at both ends of a target's calls only; all of them for a cluster, and for a target that
 *  refuses whom it does not know: any of them may call it. */
function bearingOn(place: ClusterScope, target: Target, isRouting: boolean): ClusterScope {
  if (target.kind === 'cluster')
    return place.cluster === target.cluster ? place : { ...place, specs: [], entry: undefined };
  if (isEnforcing(target)) return place;
  const own = place.specs.filter(({ namespace }) => namespace === target.namespace);
  const names = new Set<string>([target.namespace, ...own.flatMap(neighboursOf)]);
  // Of a cluster that is read from its entry, the routes of all namespaces are looked at in any case.
  const specs =
    isRouting && place.entry === undefined
      ? place.specs
      : place.specs.filter(({ namespace }) => names.has(namespace));
  // Without a spec of its own the target is not on this cluster.
  return { ...place, specs, around: names, ...(own.length === 0 && { entry: undefined }) };
}

/** Whether a file has, or had, what gateways route by. */
function changesRoutes({ before, after }: FileChange): boolean {
  return [before, after].some(
    (text) => text !== undefined && /\bkind:\s*["']?(?:VirtualService|Gateway)\b/.test(text),
  );
}

function neighboursOf({ callees, services }: NamespaceSpec): readonly string[] {
  return [
    ...callees.map(({ namespace }) => namespace),
    ...services.flatMap(({ callers }) => callers.map(({ namespace }) => namespace)),
  ];
}

/** Without what can't be read: the pull request of one namespace does not fail for the repository of another. */
async function readable(place: ClusterScope, own: RepositoryId, checkouts: Checkouts): Promise<ClusterScope> {
  const isThere = async (repository: RepositoryId) =>
    repository === own || (await checkouts.of(repository)).ok;
  const specs: NamespaceSpec[] = [];
  for (const spec of place.specs) if (await isThere(spec.repository)) specs.push(spec);
  const { target, entry } = place;
  return {
    ...place,
    specs,
    target: target !== undefined && (await isThere(target.repository)) ? target : undefined,
    entry: entry !== undefined && (await isThere(entry.repository)) ? entry : undefined,
  };
}

function isOf(call: Call, target: Target): boolean {
  return target.kind === 'cluster' || namespacesOf(call).includes(target.namespace);
}

/** Whether a call has another result than today in some later state. */
function isChanged({ states }: CallReport): boolean {
  return statesOfMerge.some((name) => wordOf(states[name]) !== wordOf(states.before));
}

function wordOf(verdict: Verdict | undefined): string {
  return verdict?.symptom ?? verdict?.verdict ?? '';
}

function rowOf({ call, states }: CallReport): BundleCall {
  return {
    call: `${describeCall(call)}${describeRequest(call)}`,
    before: wordOf(states.before),
    merged: wordOf(states.merged),
    rolling: wordOf(states.rolling),
    restarted: wordOf(states.restarted),
  };
}

const moments = {
  merged: 'once this is merged',
  rolling: 'while pods restart',
  restarted: 'when pods have restarted',
} as const;

/** What is most likely to keep a call working. */
function firstStep(call: Call, target: Target): string {
  if (target.kind !== 'namespace' || target.stage !== 'enforced') return '';
  // A namespace may have left out the stage at which nothing is in force yet.
  return isDeclared(call)
    ? 'Let its pods join first, with stage: joined. '
    : 'If the call is meant, declare it in fleet.yaml: under calls of the caller, or under allowFrom of the service. ';
}

/** Whether other routes of the gateway take the requests. */
function isHandedOver({ call }: CallReport, { symptom }: Verdict): boolean {
  return (
    call.from.kind === 'gateway' &&
    (symptom === 'elsewhere' || symptom === '404 NR') &&
    call.path !== undefined
  );
}

/** The first state in which a call breaks that does not break today. */
function problemOf(report: CallReport, repository: RepositoryId, target: Target): readonly Problem[] {
  const { call } = report;
  const found = firstBreak(report);
  if (found === undefined) return [];
  const { state, verdict } = found;
  const prefix = `${repository}/`;
  const isOwn = verdict.file?.startsWith(prefix) === true;
  const place = isOwn ? { file: verdict.file.slice(prefix.length), line: verdict.line } : {};
  const elsewhere = isOwn || verdict.file === undefined ? '' : ` (${verdict.file})`;
  return [
    {
      rule: callBreaks,
      severity: 'error',
      message: `${describeCall(call)}${describeRequest(call)} does not break today, but will ${moments[state]}: ${verdict.symptom ?? ''}. ${verdict.reason}${elsewhere}`,
      fix: isHandedOver(report, verdict)
        ? `Route them to ${describeCallee(call.to)} in ${verdict.resource ?? 'the VirtualService of the host'} too: a gateway takes the most specific host, and does not fall back to a wider one.`
        : `${firstStep(call, target)}meshwright simulate ${target.id} --why '${describeCall({ ...call, host: undefined })}' explains it step by step.`,
      ...place,
    },
  ];
}
