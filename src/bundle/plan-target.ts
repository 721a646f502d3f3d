import type { Bundle, BundleNote, PlannedTarget, TemplateSet } from '../model/bundle.ts';
import type { NamespaceSpec, Target } from '../model/fleet.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import { hasErrors, type Problem } from '../model/problem.ts';
import { withChanges, type FileChange, type Snapshot } from '../model/snapshot.ts';
import { planNamespaceFile } from './namespace-file.ts';
import { planDirectory, type DirectoryPlan, type Planning } from './plan.ts';
import { renderWhole } from './render-whole.ts';

/** The repositories that one target's bundles change: its own first, then that of a Namespace manifest kept elsewhere. */
export function repositoriesOf(target: Target): readonly RepositoryId[] {
  const elsewhere = target.specs.flatMap(({ namespaceManifest }) =>
    namespaceManifest.kind === 'file' ? [namespaceManifest.repository] : [],
  );
  return [...new Set([target.repository, ...elsewhere])];
}

export type TargetPlanning =
  | { readonly needs: readonly RepoPath[]; readonly bundle?: never }
  | { readonly needs: readonly []; readonly bundle: Bundle };

/** What one target changes in one of its repositories.
 *  @param snapshot  of `repository`; ask again with the files of `needs` read */
export function planBundle(
  target: Target,
  repository: RepositoryId,
  snapshot: Snapshot,
  templates: TemplateSet,
): TargetPlanning {
  let now = snapshot;
  const changes = new Map<RepoPath, FileChange>();
  const notes: BundleNote[] = [];
  const problems: Problem[] = [];
  for (const spec of target.specs)
    for (const planning of plans(spec, repository)) {
      const { needs, plan } = planning(now, templates);
      if (plan === undefined) return { needs };
      for (const change of plan.changes) {
        const before = changes.has(change.path) ? changes.get(change.path)?.before : change.before;
        changes.set(change.path, { path: change.path, before, after: change.after });
      }
      notes.push(...plan.notes);
      problems.push(...plan.problems);
      now = withChanges(now, plan.changes);
    }
  const isRefused = hasErrors(problems);
  return {
    needs: [],
    bundle: {
      target: target.id,
      repository,
      changes: isRefused ? [] : [...changes.values()],
      notes: isRefused ? [] : unique(notes),
      problems: unique(problems).map((problem) =>
        isOfRepository(problem) ? { ...problem, repository } : problem,
      ),
    },
  };
}

function isOfRepository(problem: Problem): boolean {
  return problem.file !== undefined && !problem.rule.startsWith('template-');
}

type Plan = (snapshot: Snapshot, templates: TemplateSet) => Planning;

function plans(spec: NamespaceSpec, repository: RepositoryId): readonly Plan[] {
  const found: Plan[] = [];
  if (spec.repository === repository)
    found.push((snapshot, templates) => planDirectory(spec, snapshot, templates));
  const { namespaceManifest } = spec;
  if (namespaceManifest.kind === 'file' && namespaceManifest.repository === repository)
    found.push((snapshot) => planNamespaceFile(spec, namespaceManifest.path, snapshot));
  return found;
}

/** The whole bundle of a target without looking at any repository. */
export function renderTarget(target: Target, templates: TemplateSet): PlannedTarget {
  const plan = merged(target.specs.map((spec) => renderWhole(spec, templates)));
  const bundle: Bundle = { target: target.id, repository: target.repository, ...plan };
  return plannedTarget(target, [bundle]);
}

export function plannedTarget(
  target: Target,
  bundles: readonly Bundle[],
  extra: readonly Problem[] = [],
): PlannedTarget {
  return { target: target.id, bundles, problems: [...extra, ...bundles.flatMap(({ problems }) => problems)] };
}

function merged(parts: readonly DirectoryPlan[]): DirectoryPlan {
  return {
    changes: parts.flatMap(({ changes }) => changes),
    notes: parts.flatMap(({ notes }) => notes),
    problems: unique(parts.flatMap(({ problems }) => problems)),
  };
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
