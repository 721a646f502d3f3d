import type { BundleNote, TemplateSet } from '../model/bundle.ts';
import { listAt, stringAt } from '../model/json.ts';
import type { DirectoryLock, LockedFile, RecordedEdit } from '../model/lock.ts';
import { documentValues } from '../yaml/documents.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import { baseName, joinRepoPath } from '../model/repo-path.ts';
import type { FileChange } from '../model/snapshot.ts';
import type { DirectoryPlan } from './directory-plan.ts';
import { rendererOf } from './templates.ts';
import type { DesiredState } from './desired-state.ts';

/** What a desired state makes of an empty directory. */
export function renderWhole(desired: DesiredState, templates: TemplateSet): DirectoryPlan {
  const { generators } = desired.bind(emptyTree(desired.directory));
  const renderer = rendererOf(templates);
  const changes: FileChange[] = [];
  const notes: BundleNote[] = [];
  const problems: Problem[] = [...desired.unrendered()];
  const resources: string[] = [];
  const patches: { path: string; kind: string }[] = [];
  const write = (file: string, template: string, view: unknown, why: string) => {
    const path = joinRepoPath(desired.directory, file);
    const text = renderer.render(template, view);
    if (!text.ok) problems.push(...text.problems);
    else if (path !== undefined) {
      changes.push({ path, before: undefined, after: text.value });
      notes.push({ file: path, what: `adds ${file}`, why });
    }
  };
  for (const { owned, why } of generators) {
    if (owned?.view === undefined) continue;
    const file = renderer.fileOf(owned.template) ?? owned.file;
    write(file, owned.template, owned.view, why);
    if (owned.role.kind === 'resource') resources.push(file);
    else patches.push({ path: file, kind: stringAt(owned.role.target, 'kind') ?? '' });
  }
  if (desired.kustomization !== undefined && (changes.length > 0 || desired.kustomization.isAlways)) {
    const view = { namespace: desired.namespace ?? '', resources, patches };
    write('kustomization.yaml', desired.kustomization.template, view, 'builds the files above');
  }
  return { changes, notes, conflicts: [], problems };
}

/** What the lock says of a bundle that made its directory. The kustomization is people's from then on: only the entries
 *  count as ours. */
export function lockOfWhole(
  desired: DesiredState,
  plan: DirectoryPlan,
  templates: TemplateSet,
): Pick<DirectoryLock, 'files' | 'edits'> {
  const renderer = rendererOf(templates);
  const files = desired
    .bind(emptyTree(desired.directory))
    .generators.flatMap(({ id, owned }): readonly LockedFile[] => {
      if (owned === undefined) return [];
      const path = joinRepoPath(desired.directory, renderer.fileOf(owned.template) ?? owned.file);
      const text = plan.changes.find((change) => change.path === path)?.after;
      return path === undefined || text === undefined ? [] : [{ generator: id, path, text }];
    });
  const names = files.map(({ path }) => baseName(path));
  const kustomization = plan.changes.find(({ path }) => !files.some((file) => file.path === path));
  if (kustomization?.after === undefined) return { files, edits: [] };
  const value = documentValues(kustomization.after)[0] ?? null;
  const entries = ['resources', 'patches'].flatMap((key) =>
    listAt(value, key)
      .map((entry, index) => ({ entry, index }))
      .filter(({ entry }) =>
        names.includes(typeof entry === 'string' ? entry : (stringAt(entry, 'path') ?? '')),
      )
      .map(({ entry, index }): RecordedEdit => ({
        op: 'append',
        path: [key],
        value: entry,
        made: index === 0,
      })),
  );
  return { files, edits: [{ path: kustomization.path, object: undefined, edits: entries }] };
}

function emptyTree(directory: RepoPath): KustomizeTree {
  return { directory, kustomization: undefined, manifests: [], reads: new Set(), problems: [] };
}
