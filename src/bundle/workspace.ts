import { sameValue } from '../model/same-value.ts';
import type { BundleNote } from '../model/bundle.ts';
import type { YamlEdit } from '../model/edit.ts';
import type { FileRole } from '../model/generator.ts';
import { isObject, stringAt, valueAt, type JsonObject, type YamlPath } from '../model/json.ts';
import type { KustomizeTree, Manifest } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import { isBelow, joinRepoPath } from '../model/repo-path.ts';
import type { FileChange, Snapshot } from '../model/snapshot.ts';
import { editYaml } from '../yaml/edit.ts';
import type { LockedEdits, LockedFile } from '../model/lock.ts';
import { referenceEdits } from './kustomization-entries.ts';
import { leafEdits, overlayPatch, patchFileName } from './overlay-patch.ts';
import { recorded } from './recorded-edits.ts';
import { throughRelease } from './through-release.ts';

/** A rendered document that is to join the build. */
export interface AddedDocument {
  readonly text: string;
  readonly value: JsonObject;
}

/** Gathers what generators want of one directory and turns it into file changes: in place where the text is this target's
 *  own, as a patch of this target's overlay where others build it too. */
export class Workspace {
  readonly notes: BundleNote[] = [];
  readonly problems: Problem[] = [];
  /** What is generated whole, for the lock. */
  readonly files: LockedFile[] = [];
  /** What is changed in files of others, for the lock. */
  readonly edits: LockedEdits[] = [];
  /** Every text that was asked for, as the snapshot has it: nothing else of it is looked at but its links. */
  readonly looked = new Map<RepoPath, string | undefined>();
  readonly #snapshot: Snapshot;
  readonly #tree: KustomizeTree;
  readonly #siblings: readonly KustomizeTree[];
  readonly #texts = new Map<RepoPath, string>();
  readonly #edits = new Map<Manifest, YamlEdit[]>();
  readonly #resources: string[] = [];
  readonly #patches: JsonObject[] = [];

  constructor(snapshot: Snapshot, tree: KustomizeTree, siblings: readonly KustomizeTree[]) {
    this.#snapshot = snapshot;
    this.#tree = tree;
    this.#siblings = siblings;
  }

  edit(manifest: Manifest, edits: readonly YamlEdit[], why: string): void {
    const { renderedBy: release } = manifest;
    if (release !== undefined) {
      const through = throughRelease(manifest, release, edits);
      if (!through.ok) this.problems.push(...through.problems);
      else if (through.value.length > 0) this.edit(release, through.value, why);
      return;
    }
    this.#edits.set(manifest, [...(this.#edits.get(manifest) ?? []), ...edits]);
    this.notes.push({ file: manifest.file, what: `changes ${manifest.kind} ${manifest.builtName}`, why });
  }

  /** Adds documents to `file` of the target's directory and makes the build take them. */
  add(
    generator: string,
    file: string,
    role: FileRole,
    additions: readonly AddedDocument[],
    why: string,
  ): void {
    const path = this.#pathOf(file);
    if (path === undefined) return;
    const present = this.#textOf(path);
    const isBuilt = this.#tree.reads.has(path) || this.#texts.has(path);
    const text = additions.map((addition) => addition.text).join('---\n');
    if (present === undefined) this.#texts.set(path, text);
    else if (isBuilt && role.kind === 'patch') this.#alignPatch(path, present, additions);
    else if (isBuilt) this.#texts.set(path, appended(present, text));
    else if (present !== text) {
      this.problems.push({
        rule: 'bundle-file-in-the-way',
        severity: 'error',
        message: `${path} exists, but is not part of what ${this.#tree.directory || 'the repository root'} builds, and differs from what belongs there.`,
        fix: 'List it in kustomization.yaml, rename it, or remove it.',
        file: path,
        line: 1,
        column: 1,
      });
      return;
    }
    if (!isBuilt) this.#refer(file, role);
    if (!(isBuilt && role.kind === 'patch')) this.files.push({ generator, path, text });
    for (const { value } of additions)
      if (role.kind === 'resource') this.notes.push({ file: path, what: `adds ${describe(value)}`, why });
    if (role.kind === 'patch') this.notes.push({ file: path, what: 'adds a patch', why });
  }

  /** Every file change, or none when something could not be done. */
  finish(): readonly FileChange[] {
    for (const [manifest, edits] of this.#edits) {
      if (this.#canEditInPlace(manifest, edits)) this.#editInPlace(manifest, edits);
      else this.#patchOver(manifest, edits);
    }
    this.#editKustomization();
    const changes: FileChange[] = [];
    for (const [path, after] of this.#texts) {
      const before = this.#read(path);
      if (before !== after) changes.push({ path, before, after });
    }
    return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  #pathOf(file: string): RepoPath | undefined {
    const path = joinRepoPath(this.#tree.directory, file);
    if (path !== undefined && !this.#snapshot.links.has(path)) return path;
    this.problems.push({
      rule: 'bundle-link-in-the-way',
      severity: 'error',
      message: `${file} is a symbolic link or a submodule; nothing is written through it.`,
      fix: 'Replace it with a file, or remove it.',
      file: path ?? file,
    });
    return undefined;
  }

  #textOf(path: RepoPath): string | undefined {
    return this.#texts.get(path) ?? this.#read(path);
  }

  #read(path: RepoPath): string | undefined {
    const text = this.#snapshot.files.get(path);
    this.looked.set(path, text);
    return text;
  }

  #refer(file: string, role: FileRole): void {
    if (role.kind === 'resource') this.#resources.push(file);
    else this.#patches.push({ path: file, target: role.target });
  }

  #editText(path: RepoPath, document: number, edits: readonly YamlEdit[]): void {
    const text = this.#textOf(path);
    if (text === undefined || edits.length === 0) return;
    const edited = editYaml(text, path, document, edits);
    if (edited.ok) this.#texts.set(path, edited.value);
    else this.problems.push(...edited.problems);
  }

  #canEditInPlace(manifest: Manifest, edits: readonly YamlEdit[]): boolean {
    if (!isBelow(manifest.file, this.#tree.directory)) return false;
    if (this.#siblings.some((sibling) => sibling.reads.has(manifest.file))) return false;
    return edits.every(({ path }) => {
      const isTouched = manifest.touches.some(
        ({ paths }) => paths === undefined || paths.some((touched) => overlaps(touched, path)),
      );
      return !isTouched && sameAt(manifest, path.slice(0, -1));
    });
  }

  #editInPlace(manifest: Manifest, edits: readonly YamlEdit[]): void {
    this.edits.push({
      path: manifest.file,
      object: { group: manifest.group, kind: manifest.kind, name: manifest.name },
      edits: recorded(manifest.written, edits),
    });
    const placed = edits.map((edit) => ({ ...edit, path: [...manifest.at, ...edit.path] }));
    this.#editText(manifest.file, manifest.document, placed);
  }

  #patchOver(manifest: Manifest, edits: readonly YamlEdit[]): void {
    const file = patchFileName(manifest);
    const path = this.#pathOf(file);
    if (path === undefined) return;
    if (this.#tree.kustomization === undefined) {
      this.problems.push({
        rule: 'bundle-cannot-edit',
        severity: 'error',
        message: `${manifest.kind} "${manifest.builtName}" is built by other environments too, but ${this.#tree.directory || 'the repository root'} has no kustomization file that could patch it.`,
        fix: 'Give the directory a kustomization.yaml that lists what it builds.',
        ...manifest.locationOf([]),
      });
      return;
    }
    if (this.#tree.manifests.some((other) => other !== manifest && isTwin(other, manifest))) {
      this.problems.push({
        rule: 'bundle-cannot-edit',
        severity: 'error',
        message: `Two objects that ${this.#tree.directory || 'the repository root'} builds are both written as ${manifest.kind} "${manifest.name}", so no patch can select just one of them.`,
        fix: 'Give each its own name in the source manifests.',
        ...manifest.locationOf(['metadata', 'name']),
      });
      return;
    }
    const present = this.#tree.reads.has(path) ? this.#textOf(path) : undefined;
    const patch = overlayPatch(
      manifest,
      edits,
      present === undefined ? undefined : { text: present, file: path },
    );
    if (!patch.ok) {
      this.problems.push(...patch.problems);
      return;
    }
    if (present === undefined && this.#textOf(path) !== undefined && this.#textOf(path) !== patch.value) {
      this.problems.push({
        rule: 'bundle-file-in-the-way',
        severity: 'error',
        message: `${path} exists, but is not part of the build.`,
        fix: 'Rename or remove it.',
        file: path,
        line: 1,
        column: 1,
      });
      return;
    }
    this.#texts.set(path, patch.value);
    if (present === undefined) {
      this.files.push({ generator: 'overlay-patch', path, text: patch.value });
      this.#patches.push({ path: file });
    }
  }

  /** Our own patch file of an earlier run, brought to what it must say now. */
  #alignPatch(path: RepoPath, present: string, additions: readonly AddedDocument[]): void {
    const [wanted] = additions;
    if (wanted === undefined) return;
    this.#texts.set(path, present);
    this.#editText(path, 0, leafEdits(wanted.value));
  }

  #editKustomization(): void {
    const kustomization = this.#tree.kustomization;
    if (kustomization === undefined || this.#resources.length + this.#patches.length === 0) return;
    if (this.#siblings.some((sibling) => sibling.reads.has(kustomization.file))) {
      this.problems.push({
        rule: 'bundle-shared-kustomization',
        severity: 'error',
        message: `Another environment of this namespace builds ${kustomization.file} too, so nothing can be added for this one alone.`,
        fix: 'Give each environment its own overlay, and point path in fleet.yaml at it.',
        ...kustomization.locationOf([]),
      });
      return;
    }
    const edits = referenceEdits(kustomization, this.#resources, this.#patches);
    this.edits.push({
      path: kustomization.file,
      object: undefined,
      edits: recorded(kustomization.value, edits),
    });
    this.#editText(kustomization.file, kustomization.document, edits);
  }
}

/** Whether kustomize can't tell the two apart by what was written. */
function isTwin(one: Manifest, other: Manifest): boolean {
  const namespaceOf = ({ written }: Manifest) => stringAt(written, 'metadata', 'namespace') ?? 'default';
  return (
    one.kind === other.kind &&
    one.group === other.group &&
    one.name === other.name &&
    namespaceOf(one) === namespaceOf(other)
  );
}

function describe(value: JsonObject): string {
  return `${stringAt(value, 'kind') ?? ''} ${stringAt(value, 'metadata', 'name') ?? ''}`.trim();
}

function overlaps(one: YamlPath, other: YamlPath): boolean {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) if (String(one[index]) !== String(other[index])) return false;
  return true;
}

function sameAt(manifest: Manifest, path: YamlPath): boolean {
  const [written, built] = [valueAt(manifest.written, ...path), valueAt(manifest.built, ...path)];
  // Names, namespaces and labels that the chain adds to metadata do not hinder an edit of another key there.
  if (isObject(written) && isObject(built)) return true;
  return sameValue(written, built);
}

function appended(text: string, addition: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const end = text === '' || text.endsWith('\n') ? '' : newline;
  return `${text}${end}---${newline}${addition.replaceAll('\n', newline)}`;
}
