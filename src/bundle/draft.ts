import type { Bundle, Draft, TemplateSet } from '../model/bundle.ts';
import type { ForgeSpec, Stage, Target } from '../model/fleet.ts';
import { success, type Outcome } from '../model/problem.ts';
import { conflictView } from './conflict.ts';
import type { Reason } from './reason.ts';
import { rendererOf } from './templates.ts';

/** What a pull request is for: the next stage, or what templates and fleet have become since the last one. */
export type Purpose = { readonly kind: 'stage' } | ({ readonly kind: 'upgrade' } & Reason);

/** The head branch of a target's pull request. */
export function branchOf(target: Target, forge: ForgeSpec, kind: Purpose['kind']): string {
  const last = kind === 'upgrade' ? 'upgrade' : target.stage;
  return `${forge.branchPrefix}/${target.namespace}-${target.environment}-${last}`;
}

/** GitHub refuses a longer body.
 *  @see https://docs.github.com/en/rest/pulls/pulls */
const maxBody = 65_000;

/** The pull request of a bundle.
 *  @param related  pull requests of the same target that must be merged before this one */
export function draftOf(
  target: Target,
  bundle: Bundle,
  templates: TemplateSet,
  forge: ForgeSpec,
  related: readonly { readonly repository: string; readonly url: string }[],
  purpose: Purpose,
): Outcome<Draft> {
  const isOwn = bundle.repository === target.repository;
  const title = isOwn
    ? titleOf(target, purpose)
    : `Label namespace ${target.namespace} for the mesh (${target.environment})`;
  const body = rendererOf(templates).render('pull-request/body.md.hbs', {
    target: target.id,
    namespace: target.namespace,
    environment: target.environment,
    joined: target.stage === 'joined',
    enforced: target.stage === 'enforced',
    upgrade: purpose.kind === 'upgrade' ? purpose : undefined,
    conflicts: bundle.conflicts.map(conflictView),
    isOwn,
    revision: target.specs[0]?.mesh.revision ?? '',
    notes: bundle.notes,
    related,
    problems: bundle.problems.map((problem) => ({
      ...problem,
      place:
        problem.file === undefined
          ? ''
          : [problem.file, problem.line].filter((part) => part !== undefined).join(':'),
    })),
  });
  if (!body.ok) return body;
  return success({
    target: target.id,
    stage: target.stage,
    repository: bundle.repository,
    branch: branchOf(target, forge, purpose.kind),
    base: forge.baseBranch,
    title,
    body:
      body.value.length <= maxBody
        ? body.value
        : `${body.value.slice(0, maxBody)}\n\n(cut: the rest is in the diff)\n`,
    commitMessage: `${title}\n\n${bundle.notes.map(({ file, what, why }) => `- ${file}: ${what} (${why})`).join('\n')}\n`,
    labels: forge.labels,
    reviewers: forge.reviewers,
    draft: forge.draft || bundle.conflicts.length > 0,
    changes: bundle.changes,
  });
}

function titleOf(target: Target, purpose: Purpose): string {
  if (purpose.kind === 'stage') return titles[target.stage](target);
  const { from, to } = purpose;
  const place = `${target.namespace} (${target.environment})`;
  return from === to
    ? `Bring the mesh files of ${place} up to the fleet`
    : `Upgrade the mesh files of ${place} to templates ${to}`;
}

const titles: Readonly<Record<Stage, (target: Target) => string>> = {
  outside: ({ namespace, environment }) => `Take ${namespace} out of the mesh (${environment})`,
  joined: ({ namespace, environment }) => `Join ${namespace} to the mesh (${environment})`,
  enforced: ({ namespace, environment }) => `Enforce mTLS and policies for ${namespace} (${environment})`,
};
