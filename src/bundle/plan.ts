import { namespaceGenerators } from '../../generators/namespace/index.ts';
import { readTree } from '../kustomize/read-tree.ts';
import type { BundleNote, TemplateSet } from '../model/bundle.ts';
import type { NamespaceSpec } from '../model/fleet.ts';
import type { BoundSpec, Generator } from '../model/generator.ts';
import { isObject, type JsonObject } from '../model/json.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import { failure, hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import { isBelow, joinRepoPath } from '../model/repo-path.ts';
import { withChanges, type FileChange, type Snapshot } from '../model/snapshot.ts';
import { readYaml } from '../yaml/read.ts';
import { bindSpec } from './bind.ts';
import { renderWhole } from './render-whole.ts';
import { rendererOf, type Renderer } from './templates.ts';
import { Workspace, type Addition } from './workspace.ts';

/** The changes of one directory, or the files that must be read before they can be known. */
export type Planning =
  | { readonly needs: readonly RepoPath[]; readonly plan?: never }
  | { readonly needs: readonly []; readonly plan: DirectoryPlan };

export interface DirectoryPlan {
  readonly changes: readonly FileChange[];
  readonly notes: readonly BundleNote[];
  readonly problems: readonly Problem[];
}

/** What the repository's files must become for the spec to hold. Pure; with an error among the problems there are no
 *  changes. Planning again on the result gives nothing (checked here before the plan is given out).
 *  @param snapshot  with as many files read as are known; ask again with the files of `needs` */
export function planDirectory(spec: NamespaceSpec, snapshot: Snapshot, templates: TemplateSet): Planning {
  const reading = read(spec, snapshot);
  if (reading.trees === undefined) return { needs: reading.needs };
  if (isMissing(spec, snapshot)) return { needs: [], plan: planNew(spec, templates) };
  const plan = planOnce(spec, snapshot, reading.trees, rendererOf(templates));
  if (hasErrors(plan.problems)) return { needs: [], plan: { ...plan, changes: [], notes: [] } };
  const unstable = verify(spec, withChanges(snapshot, plan.changes), plan, rendererOf(templates));
  if (unstable.length > 0)
    return { needs: [], plan: { changes: [], notes: [], problems: [...plan.problems, ...unstable] } };
  return { needs: [], plan };
}

interface Trees {
  readonly own: KustomizeTree;
  readonly siblings: readonly KustomizeTree[];
}

function read(
  spec: NamespaceSpec,
  snapshot: Snapshot,
):
  | { readonly trees: Trees; readonly needs?: never }
  | { readonly trees?: never; readonly needs: readonly RepoPath[] } {
  const needs = new Set<RepoPath>();
  const own = readTree(snapshot, spec.directory);
  for (const path of own.needs) needs.add(path);
  const siblings: KustomizeTree[] = [];
  for (const directory of spec.siblingDirectories) {
    if (![...snapshot.paths].some((path) => isBelow(path, directory))) continue;
    const sibling = readTree(snapshot, directory);
    for (const path of sibling.needs) needs.add(path);
    if (sibling.tree !== undefined) siblings.push(sibling.tree);
  }
  for (const path of ownedPaths(spec))
    if (snapshot.paths.has(path) && !snapshot.files.has(path) && !snapshot.unreadable.has(path))
      needs.add(path);
  if (own.tree === undefined || needs.size > 0) return { needs: [...needs] };
  return { trees: { own: own.tree, siblings } };
}

function ownedPaths(spec: NamespaceSpec): readonly RepoPath[] {
  return namespaceGenerators.flatMap((generator) => {
    const path =
      generator.owned === undefined ? undefined : joinRepoPath(spec.directory, generator.owned.file);
    return path === undefined ? [] : [path];
  });
}

function isMissing(spec: NamespaceSpec, snapshot: Snapshot): boolean {
  for (const path of snapshot.paths) if (isBelow(path, spec.directory)) return false;
  return true;
}

/** A directory that nobody has made yet: the whole bundle, when the fleet says that the namespace is new. */
function planNew(spec: NamespaceSpec, templates: TemplateSet): DirectoryPlan {
  if (spec.namespaceManifest.kind === 'create') return renderWhole(spec, templates);
  return {
    changes: [],
    notes: [],
    problems: [
      {
        rule: 'bundle-directory-missing',
        severity: 'error',
        message: `${spec.repository} has no directory ${spec.directory || '(root)'}.`,
        fix: 'Correct path in fleet.yaml; for a namespace that does not exist yet, set namespaceManifest: create.',
        file: spec.directory,
      },
    ],
  };
}

function planOnce(spec: NamespaceSpec, snapshot: Snapshot, trees: Trees, renderer: Renderer): DirectoryPlan {
  const bound = bindSpec(spec, trees.own);
  const problems = [...trees.own.problems, ...wrongNamespace(spec, trees.own), ...bound.problems];
  if (hasErrors(problems)) return { changes: [], notes: [], problems };
  const workspace = new Workspace(snapshot, trees.own, trees.siblings);
  for (const generator of namespaceGenerators)
    problems.push(...runGenerator(generator, bound.spec, trees.own, renderer, workspace));
  const changes = workspace.finish();
  return { changes, notes: workspace.notes, problems: [...problems, ...workspace.problems] };
}

function runGenerator(
  generator: Generator,
  spec: BoundSpec,
  tree: KustomizeTree,
  renderer: Renderer,
  workspace: Workspace,
): readonly Problem[] {
  const rendered = renderOwned(generator, spec, renderer);
  if (!rendered.ok) return rendered.problems;
  const { steps, problems } = generator.reconcile(
    rendered.value.map(({ value }) => value),
    spec,
    tree,
  );
  const additions: Addition[] = [];
  for (const step of steps) {
    if (step.do === 'edit') workspace.edit(step.manifest, step.edits, step.why);
    else {
      const addition = rendered.value[step.index];
      if (addition !== undefined) additions.push(addition);
    }
  }
  if (generator.owned !== undefined && additions.length > 0)
    workspace.add(generator.owned.file, generator.owned.role, additions, generator.why(spec.stage));
  return problems;
}

/** The documents of a generator's file, each with its own text. */
function renderOwned(
  generator: Generator,
  spec: BoundSpec,
  renderer: Renderer,
): Outcome<readonly Addition[]> {
  const view = generator.owned?.view(spec);
  if (generator.owned === undefined || view === undefined) return success([]);
  const { template } = generator.owned;
  const text = renderer.render(template, view);
  if (!text.ok) return text;
  const stream = readYaml(text.value, template);
  if (!stream.ok) return stream;
  const chunks = text.value.split(/^---\n/m);
  const values = stream.value.documents.map(({ value }) => value);
  const additions = chunks.flatMap((chunk, index): Addition[] => {
    const value = values[index];
    return isManifest(value) ? [{ text: chunk, value }] : [];
  });
  if (chunks.length !== values.length || additions.length !== values.length)
    return failure({
      rule: 'template-not-manifests',
      severity: 'error',
      message:
        'The template does not give whole Kubernetes objects, separated by lines that hold only "---".',
      fix: 'Begin with an object, and put --- between objects only.',
      file: template,
    });
  return success(additions);
}

function isManifest(value: unknown): value is JsonObject {
  return isObject(value as JsonObject) && typeof (value as JsonObject).kind === 'string';
}

/** What a directory builds must lie in the namespace the fleet says. */
function wrongNamespace(spec: NamespaceSpec, tree: KustomizeTree): readonly Problem[] {
  const others = tree.manifests.filter(
    ({ kind, builtNamespace }) =>
      builtNamespace !== undefined &&
      builtNamespace !== spec.namespace &&
      kind !== 'RoleBinding' &&
      kind !== 'Role',
  );
  const inNamespace = tree.manifests.length - others.length;
  const [sample] = others;
  if (sample === undefined || inNamespace > others.length) return [];
  return [
    {
      rule: 'bundle-namespace-differs',
      severity: 'error',
      message: `The fleet says that ${tree.directory || 'the repository root'} is the namespace "${spec.namespace}", and it builds ${sample.kind} "${sample.builtName}" in "${String(sample.builtNamespace)}".`,
      fix: 'Correct name or path in fleet.yaml.',
      ...sample.placeOf(['metadata', 'namespace']),
    },
  ];
}

/** DESIGN law 1, proven for each plan: whatever still wants to change was overridden by a later patch of the chain. */
function verify(
  spec: NamespaceSpec,
  after: Snapshot,
  plan: DirectoryPlan,
  renderer: Renderer,
): readonly Problem[] {
  if (plan.changes.length === 0) return [];
  const reading = read(spec, after);
  if (reading.trees === undefined)
    throw new Error(`the plan of ${spec.target} refers to files it did not read`);
  const again = planOnce(spec, after, reading.trees, renderer);
  const errors = again.problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return errors;
  const [note] = again.notes;
  if (note === undefined) return [];
  const touch = reading.trees.own.manifests.flatMap(({ touches }) => touches).at(-1);
  return [
    {
      rule: 'bundle-not-stable',
      severity: 'error',
      message: `The change would not hold: a later patch or replacement of the build overrides it (${note.what}).`,
      fix: 'Change that patch or replacement, or make the change there by hand.',
      ...(touch?.by ?? { file: note.file, line: 1, column: 1 }),
    },
  ];
}
