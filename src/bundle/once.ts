import type { BundleNote } from '../model/bundle.ts';
import { isObject, stringAt, type JsonObject } from '../model/json.ts';
import { groupOf } from '../model/manifest.ts';
import type { LockedEdits, LockedFile } from '../model/lock.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import { failure, hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import type { FileChange, Snapshot } from '../model/snapshot.ts';
import { readYaml } from '../yaml/read.ts';
import type { DirectoryTrees } from './reading.ts';
import type { Renderer } from './templates.ts';
import { nameOfOwned, type BoundGenerator, type DesiredState } from './desired-state.ts';
import { Workspace, type AddedDocument } from './workspace.ts';

/** What a desired state comes to in a directory as it is. */
export interface Wanted {
  readonly changes: readonly FileChange[];
  readonly notes: readonly BundleNote[];
  readonly problems: readonly Problem[];
  /** What of it is generated whole, and what is changed in files of others. */
  readonly files: readonly LockedFile[];
  readonly edits: readonly LockedEdits[];
}

/** Compares the desired state with what the directory builds today, knowing of no earlier run. The same trees and texts are not
 *  compared with the same desired state again: a plan and its proof ask three times. */
export function planOnce(
  desired: DesiredState,
  snapshot: Snapshot,
  trees: DirectoryTrees,
  renderer: Renderer,
): Wanted {
  const known = compared.get(trees.own) ?? [];
  const found = known.find((each) => isSame(each, desired, snapshot, trees, renderer));
  if (found !== undefined) return found.wanted;
  const { wanted, looked } = compare(desired, snapshot, trees, renderer);
  const { siblings, others } = trees;
  const made = { desired, renderer, siblings, others, links: snapshot.links, looked, wanted };
  compared.set(trees.own, [made, ...known].slice(0, maxCompared));
  return wanted;
}

/** A comparison with all it was made of, but for the directory's own tree. */
interface Compared {
  readonly desired: DesiredState;
  readonly renderer: Renderer;
  readonly siblings: DirectoryTrees['siblings'];
  readonly others: DirectoryTrees['others'];
  readonly links: Snapshot['links'];
  readonly looked: ReadonlyMap<RepoPath, string | undefined>;
  readonly wanted: Wanted;
}

const compared = new WeakMap<KustomizeTree, readonly Compared[]>();
const maxCompared = 4;

function isSame(
  known: Compared,
  desired: DesiredState,
  snapshot: Snapshot,
  trees: DirectoryTrees,
  renderer: Renderer,
): boolean {
  if (known.desired !== desired || known.renderer !== renderer || known.links !== snapshot.links)
    return false;
  if (!areSame(known.siblings, trees.siblings) || !areSame(known.others, trees.others)) return false;
  return [...known.looked].every(([path, text]) => snapshot.files.get(path) === text);
}

function areSame(some: readonly KustomizeTree[], others: readonly KustomizeTree[]): boolean {
  return some.length === others.length && some.every((each, index) => each === others[index]);
}

function compare(
  desired: DesiredState,
  snapshot: Snapshot,
  trees: DirectoryTrees,
  renderer: Renderer,
): Pick<Compared, 'wanted' | 'looked'> {
  const bound = desired.bind(trees.own, trees.others);
  const problems = [...trees.own.problems, ...bound.problems];
  if (hasErrors(problems))
    return { wanted: { changes: [], notes: [], problems, files: [], edits: [] }, looked: new Map() };
  const workspace = new Workspace(snapshot, trees.own, trees.siblings);
  for (const generator of bound.generators)
    problems.push(...runGenerator(generator, trees, renderer, workspace));
  const changes = workspace.finish();
  const wanted: Wanted = {
    changes,
    notes: workspace.notes,
    problems: [...problems, ...workspace.problems],
    files: workspace.files,
    edits: workspace.edits.filter(({ edits }) => edits.length > 0),
  };
  return { wanted, looked: workspace.looked };
}

function runGenerator(
  generator: BoundGenerator,
  { own: tree, others }: DirectoryTrees,
  renderer: Renderer,
  workspace: Workspace,
): readonly Problem[] {
  const rendered = renderOwned(generator, renderer);
  if (!rendered.ok) return rendered.problems;
  const { actions, problems } = generator.reconcile(
    rendered.value.map(({ value }) => value),
    tree,
  );
  const additions: AddedDocument[] = [];
  for (const action of actions) {
    if (action.do === 'edit') workspace.edit(action.manifest, action.edits, action.why);
    else {
      const addition = rendered.value[action.index];
      if (addition !== undefined) additions.push(addition);
    }
  }
  if (generator.owned !== undefined && additions.length > 0)
    workspace.add(
      generator.id,
      nameOfOwned(generator.owned, renderer.fileOf(generator.owned.template)),
      generator.owned.role,
      additions,
      generator.why,
    );
  const taken = generator.owned?.role.kind === 'resource' ? additions : [];
  return [...problems, ...taken.flatMap(({ value }) => builtElsewhere(value, others))];
}

/** What another directory of the namespace builds already: Flux would apply both in turn. */
function builtElsewhere(value: JsonObject, others: readonly KustomizeTree[]): readonly Problem[] {
  const name = stringAt(value, 'metadata', 'name') ?? '';
  const group = groupOf(stringAt(value, 'apiVersion'));
  return others.flatMap((tree): readonly Problem[] => {
    const found = tree.manifests.find(
      (each) => each.group === group && each.kind === value.kind && each.builtName === name,
    );
    if (found === undefined) return [];
    return [
      {
        rule: 'bundle-object-elsewhere',
        severity: 'error',
        message: `${found.kind} "${name}" of this namespace is built from ${tree.directory || 'the repository root'} already; a second one would make Flux apply both in turn.`,
        fix: 'Make that directory the path in fleet.yaml, and list the other under otherPaths.',
        ...found.locationOf(['metadata', 'name']),
      },
    ];
  });
}

/** The documents of a generator's file, each with its own text. */
function renderOwned({ owned }: BoundGenerator, renderer: Renderer): Outcome<readonly AddedDocument[]> {
  if (owned?.view === undefined) return success([]);
  const { template, view } = owned;
  const text = renderer.render(template, view);
  if (!text.ok) return text;
  const stream = readYaml(text.value, template);
  if (!stream.ok) return stream;
  const chunks = text.value.split(/^---\n/m);
  const values = stream.value.documents.map(({ value }) => value);
  const additions = chunks.flatMap((chunk, index): AddedDocument[] => {
    const value = values[index];
    return isManifest(value) ? [{ text: chunk, value }] : [];
  });
  if (chunks.length !== values.length || additions.length !== values.length)
    return failure({
      rule: 'template-not-manifests',
      severity: 'error',
      message:
        'The template does not render complete Kubernetes objects, separated by lines that contain only "---".',
      fix: 'Begin with an object, and put --- between objects only.',
      file: template,
    });
  return success(additions);
}

function isManifest(value: unknown): value is JsonObject {
  return isObject(value as JsonObject) && typeof (value as JsonObject).kind === 'string';
}

/** What an unaided reading of the directory still wants. */
export function drift(
  wanted: Wanted,
): readonly { readonly file: string; readonly what: string; readonly message: string }[] {
  return wanted.notes.map(({ file, what, why }) => ({
    file,
    what,
    message: `Meshwright ${what} here (${why}), but someone reverted or changed that. Their version stays.`,
  }));
}
