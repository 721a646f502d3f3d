import { namespaceGenerators } from '../../generators/namespace/index.ts';
import type { BundleNote, TemplateSet } from '../model/bundle.ts';
import type { NamespaceSpec } from '../model/fleet.ts';
import type { BoundSpec } from '../model/generator.ts';
import { listAt, stringAt } from '../model/json.ts';
import type { DirectoryLock, LockedFile, RecordedEdit } from '../model/lock.ts';
import { documentValues } from '../yaml/documents.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import { joinRepoPath } from '../model/repo-path.ts';
import type { FileChange } from '../model/snapshot.ts';
import { bindSpec } from './bind.ts';
import type { DirectoryPlan } from './plan.ts';
import { rendererOf } from './templates.ts';

/** The whole bundle of a namespace, as for an empty directory. */
export function renderWhole(spec: NamespaceSpec, templates: TemplateSet): DirectoryPlan {
  const bound = bindSpec(spec, emptyTree(spec.directory)).spec;
  const renderer = rendererOf(templates);
  const changes: FileChange[] = [];
  const notes: BundleNote[] = [];
  const problems: Problem[] = [...unrendered(bound)];
  const resources: string[] = [];
  const patches: { path: string; kind: string }[] = [];
  const write = (file: string, template: string, view: unknown, why: string) => {
    const path = joinRepoPath(spec.directory, file);
    const text = renderer.render(template, view);
    if (!text.ok) problems.push(...text.problems);
    else if (path !== undefined) {
      changes.push({ path, before: undefined, after: text.value });
      notes.push({ file: path, what: `adds ${file}`, why });
    }
  };
  for (const generator of namespaceGenerators) {
    const view = generator.owned?.view(bound);
    if (generator.owned === undefined || view === undefined) continue;
    const { role, template } = generator.owned;
    const file = renderer.fileOf(template) ?? generator.owned.file;
    write(file, template, view, generator.why(spec.stage));
    if (role.kind === 'resource') resources.push(file);
    else patches.push({ path: file, kind: stringAt(role.target, 'kind') ?? '' });
  }
  const view = { namespace: spec.namespace, resources: resources.sort(), patches };
  write('kustomization.yaml', 'namespace/kustomization.yaml.hbs', view, 'builds the files above');
  return { changes, notes, conflicts: [], problems };
}

/** What the lock says of a bundle that made its directory. The kustomization is people's from then on: only the entries
 *  count as ours. */
export function lockOfWhole(
  spec: NamespaceSpec,
  plan: DirectoryPlan,
  templates: TemplateSet,
): Pick<DirectoryLock, 'files' | 'edits'> {
  const renderer = rendererOf(templates);
  const files = namespaceGenerators.flatMap((generator): readonly LockedFile[] => {
    if (generator.owned === undefined) return [];
    const path = joinRepoPath(
      spec.directory,
      renderer.fileOf(generator.owned.template) ?? generator.owned.file,
    );
    const text = plan.changes.find((change) => change.path === path)?.after;
    return path === undefined || text === undefined ? [] : [{ generator: generator.id, path, text }];
  });
  const kustomization = plan.changes.find(({ path }) => !files.some((file) => file.path === path));
  if (kustomization?.after === undefined) return { files, edits: [] };
  const value = documentValues(kustomization.after)[0] ?? null;
  const entries = ['resources', 'patches'].flatMap((key) =>
    listAt(value, key).map((entry, index): RecordedEdit => ({
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

/** What a bundle made without looking at the repository cannot know. */
function unrendered(spec: BoundSpec): readonly Problem[] {
  const problems: Problem[] = [];
  if (spec.namespaceManifest.kind !== 'create')
    problems.push({
      rule: 'render-namespace-label',
      severity: 'info',
      message: `The Namespace manifest of "${spec.namespace}" is not part of what is rendered; apply and open set its label istio.io/rev=${spec.mesh.revision} where it is.`,
    });
  const wide = spec.services.filter(({ callers, selector }) => callers.length > 0 && selector === undefined);
  if (wide.length > 0)
    problems.push({
      rule: 'render-without-selector',
      severity: 'info',
      message: `The policies for callers of ${wide.map(({ name }) => name).join(', ')} cover the whole namespace, since no pod labels are declared; apply and open read them from the repository.`,
      fix: 'Declare selector for these services in fleet.yaml to render narrow policies.',
    });
  return problems;
}
