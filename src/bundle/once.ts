import { namespaceGenerators } from '../../generators/namespace/index.ts';
import type { BundleNote } from '../model/bundle.ts';
import type { NamespaceSpec } from '../model/fleet.ts';
import type { BoundSpec, Generator } from '../model/generator.ts';
import { isObject, type JsonObject } from '../model/json.ts';
import type { LockedEdits, LockedFile } from '../model/lock.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import { failure, hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import type { FileChange, Snapshot } from '../model/snapshot.ts';
import { readYaml } from '../yaml/read.ts';
import { bindSpec } from './bind.ts';
import type { Trees } from './reading.ts';
import type { Renderer } from './templates.ts';
import { Workspace, type Addition } from './workspace.ts';

/** What a spec wants of a directory as it is. */
export interface Wanted {
  readonly changes: readonly FileChange[];
  readonly notes: readonly BundleNote[];
  readonly problems: readonly Problem[];
  /** What of it is generated whole, and what is changed in files of others. */
  readonly files: readonly LockedFile[];
  readonly edits: readonly LockedEdits[];
}

/** Compares the spec with what the directory builds today, knowing of no earlier run. */
export function planOnce(spec: NamespaceSpec, snapshot: Snapshot, trees: Trees, renderer: Renderer): Wanted {
  const bound = bindSpec(spec, trees.own);
  const problems = [...trees.own.problems, ...wrongNamespace(spec, trees.own), ...bound.problems];
  if (hasErrors(problems)) return { changes: [], notes: [], problems, files: [], edits: [] };
  const workspace = new Workspace(snapshot, trees.own, trees.siblings);
  for (const generator of namespaceGenerators)
    problems.push(...runGenerator(generator, bound.spec, trees.own, renderer, workspace));
  const changes = workspace.finish();
  return {
    changes,
    notes: workspace.notes,
    problems: [...problems, ...workspace.problems],
    files: workspace.files,
    edits: workspace.edits.filter(({ edits }) => edits.length > 0),
  };
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
    workspace.add(
      generator.id,
      renderer.fileOf(generator.owned.template) ?? generator.owned.file,
      generator.owned.role,
      additions,
      generator.why(spec.stage),
    );
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

/** What an unaided reading of the directory still wants. */
export function deviations(
  wanted: Wanted,
): readonly { readonly file: string; readonly what: string; readonly message: string }[] {
  return wanted.notes.map(({ file, what, why }) => ({
    file,
    what,
    message: `Meshwright ${what} here (${why}), and someone took that back or changed it; it was left as it is.`,
  }));
}
