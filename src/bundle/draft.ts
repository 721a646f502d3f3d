import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';
import type { Bundle, CallCounts, Draft, TemplateSet } from '../model/bundle.ts';
import { namespaceInMesh } from '../../generators/namespace/namespace-label.ts';
import type { ClusterStage, ForgeSpec, Stage, Target } from '../model/fleet.ts';
import { printMarker } from '../model/marker.ts';
import { commitLine } from '../model/quoted.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import type { FileChange } from '../model/snapshot.ts';
import { branchOf } from './branch-name.ts';
import { conflictView } from './conflict.ts';
import type { Reason } from './reason.ts';
import { rendererOf } from './templates.ts';

/** What a pull request is for: the next stage, the one before, or what templates and fleet have become since. */
export type Purpose =
  { readonly kind: 'stage' } | { readonly kind: 'rollback' } | ({ readonly kind: 'upgrade' } & Reason);

/** GitHub refuses a longer body.
 *  @see https://docs.github.com/en/rest/pulls/pulls */
const maxBody = 65_000;

/** Why and where a pull request is opened. */
export interface Occasion {
  readonly forge: ForgeSpec;
  readonly purpose: Purpose;
  /** Pull requests of the same target that must be merged before this one. */
  readonly related?: readonly { readonly repository: string; readonly url: string }[];
  /** Its head branch, where that is not the usual one. */
  readonly branch?: string | undefined;
}

/** The pull request of a bundle. */
export function draftOf(
  target: Target,
  bundle: Bundle,
  templates: TemplateSet,
  { forge, purpose, related = [], branch = branchOf(target, forge, purpose.kind) }: Occasion,
): Outcome<Draft> {
  const title = titleOf(target, bundle, purpose);
  const body = rendererOf(templates).render(
    target.kind === 'cluster' ? 'pull-request/cluster.md.hbs' : 'pull-request/body.md.hbs',
    {
      ...viewOf(target, bundle),
      target: target.id,
      environment: target.environment,
      upgrade: purpose.kind === 'upgrade' ? purpose : undefined,
      rollback: purpose.kind === 'rollback',
      conflicts: bundle.conflicts.map(conflictView),
      notes: bundle.notes,
      related,
      problems: bundle.problems.map((problem) => ({ ...problem, place: placeText(problem) })),
      calls: callsView(bundle, target),
    },
  );
  if (!body.ok) return body;
  const shown =
    body.value.length <= maxBody
      ? body.value.trimEnd()
      : `${body.value.slice(0, maxBody)}\n\n(shortened: the rest is in the diff)`;
  const digest = digestOf(bundle.changes);
  const marker = printMarker({
    target: target.id,
    stage: target.stage,
    bundle: digest,
    text: short(`${title}\n${shown}`),
  });
  return success({
    target: target.id,
    stage: target.stage,
    repository: bundle.repository,
    branch,
    base: forge.baseBranch,
    title,
    body: `${shown}\n\n${marker}\n`,
    commitMessage: `${title}\n\n${bundle.notes.map(({ file, what, why }) => `- ${commitLine(`${file}: ${what} (${why})`)}`).join('\n')}\n`,
    labels: forge.labels,
    reviewers: forge.reviewers,
    draft: forge.draft || bundle.conflicts.length > 0,
    changes: bundle.changes,
    digest,
  });
}

/** The same changes, the same digest. */
function digestOf(changes: readonly FileChange[]): string {
  const parts = changes.map(({ path, after }) => [path, after ?? null] as const);
  return short(JSON.stringify([...parts].sort(([one], [other]) => (one < other ? -1 : 1))));
}

function short(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 32);
}

/** A longer table nobody reads. */
const maxCalls = 50;

function callsView({ calls }: Bundle, target: Target): object | undefined {
  if (calls === undefined) return undefined;
  const { changed, counts, declared, unknown } = calls;
  return {
    changed: changed.slice(0, maxCalls),
    more: Math.max(0, changed.length - maxCalls),
    proven: provenText(counts, declared),
    broken: counts.broken,
    failing: counts.failing,
    undetermined: counts.undetermined,
    callers: unknown.callers.slice(0, maxCalls),
    callees: unknown.callees.slice(0, maxCalls),
    command: `meshwright simulate ${target.id}`,
  };
}

/** `4 of 4 declared calls proven, and 2 of 3 that only the manifests name`; `No call is declared; 1 of 1 that only …`. */
function provenText(counts: CallCounts, declared: CallCounts): string {
  const others = counts.calls - declared.calls;
  const named = `${String(counts.proven - declared.proven)} of ${String(others)} that only the manifests name`;
  if (declared.calls === 0) return `No call is declared${others === 0 ? '' : `; ${named} proven`}`;
  const own = `${String(declared.proven)} of ${String(declared.calls)} declared ${declared.calls === 1 ? 'call' : 'calls'} proven`;
  return others === 0 ? own : `${own}, and ${named}`;
}

function placeText({ file, line }: Problem): string {
  return file === undefined ? '' : [file, line].filter((part) => part !== undefined).join(':');
}

/** What only one kind of target's text says. */
function viewOf(target: Target, bundle: Bundle): object {
  if (target.kind === 'cluster') {
    const { cluster, spec } = target;
    return {
      cluster,
      strict: spec.stage === 'strict',
      version: spec.istioVersion,
      mirrored: spec.isMirrored,
      prerequisites: spec.prerequisites,
      exemptions: spec.exemptions,
    };
  }
  return {
    namespace: target.namespace,
    outside: target.stage === 'outside',
    joined: target.stage === 'joined',
    enforced: target.stage === 'enforced',
    isOwn: bundle.repository === target.repository,
    keepsSidecars: bundle.problems.some(({ rule }) => rule === namespaceInMesh),
    revision: target.specs[0]?.mesh.revision ?? '',
  };
}

function titleOf(target: Target, bundle: Bundle, purpose: Purpose): string {
  const place =
    target.kind === 'cluster' ? `cluster ${target.cluster}` : `${target.namespace} (${target.environment})`;
  if (bundle.repository !== target.repository)
    return `Label namespace ${place.replace(' (', ' for the mesh (')}`;
  if (purpose.kind === 'rollback') return `Roll ${place} back: ${rollbacks[target.stage]}`;
  if (purpose.kind === 'stage') return titles[target.stage](place);
  const { from, to } = purpose;
  return from === to
    ? `Update the mesh files of ${place} to match the fleet`
    : `Upgrade the mesh files of ${place} to templates ${to}`;
}

const titles: Readonly<Record<Stage | ClusterStage, (place: string) => string>> = {
  outside: (place) => `Remove ${place.replace(' (', ' from the mesh (')}`,
  joined: (place) => `Join ${place.replace(' (', ' to the mesh (')}`,
  enforced: (place) => `Enforce mTLS and policies for ${place}`,
  permissive: (place) => `Install Istio on ${place}`,
  strict: (place) => `Refuse plaintext on ${place}`,
};

const rollbacks: Readonly<Record<Stage | ClusterStage, string>> = {
  outside: 'out of the mesh',
  joined: 'policies only report, plaintext is accepted',
  enforced: 'enforced',
  permissive: 'plaintext is accepted',
  strict: 'strict',
};
