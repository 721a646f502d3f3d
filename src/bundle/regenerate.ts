import { alignedDocuments, mergeYaml } from '../merge/merge.ts';
import { manifestIdentity } from '../merge/identity.ts';
import { sameValue } from '../model/same-value.ts';
import type { BundleNote, TemplateSet } from '../model/bundle.ts';
import { stringAt, type JsonValue } from '../model/json.ts';
import type { DirectoryLock, LockedEdits, LockedFile, RecordedEdit } from '../model/lock.ts';
import type { Conflict } from '../model/merge.ts';
import type { RepoPath } from '../model/named.ts';
import { baseName } from '../model/repo-path.ts';
import { hasErrors, type Problem } from '../model/problem.ts';
import { known, withChanges, type FileChange, type Reading, type Snapshot } from '../model/snapshot.ts';
import { documentValues, pickDocuments } from '../yaml/documents.ts';
import { lockInputs } from './lock.ts';
import { drift, planOnce } from './once.ts';
import type { DirectoryPlan, PlanOptions } from './directory-plan.ts';
import { readTrees, type DirectoryTrees } from './reading.ts';
import { withEdits, withoutEdits } from './recorded-edits.ts';
import { rendererOf } from './templates.ts';
import type { DesiredState } from './desired-state.ts';

/** A directory that was generated before, as it is now. */
interface Generated {
  readonly snapshot: Snapshot;
  readonly trees: DirectoryTrees;
  readonly lock: DirectoryLock;
}

/** What kustomize only tolerates is said of the files as they are: one that holds nothing but our entries is empty without
 *  them, and nobody ever sees it so. */
function ofTheRealFiles(problems: readonly Problem[], { own }: DirectoryTrees): readonly Problem[] {
  const isTolerated = ({ rule }: Problem) => rule === 'kustomize-tolerated';
  return [...own.problems.filter(isTolerated), ...problems.filter((each) => !isTolerated(each))];
}

/** Plans a directory that was generated before, by merging three ways: what was generated last (the lock), what people
 *  made of it, and what the fleet and the templates want today. What today wants is found on the directory as it would be
 *  if Meshwright had never been there. */
export function regenerate(
  desired: DesiredState,
  { snapshot, trees, lock }: Generated,
  templates: TemplateSet,
  options: PlanOptions,
): Reading<DirectoryPlan> {
  const renderer = rendererOf(templates);
  const stripped = withoutMeshwright(snapshot, trees, lock);
  const first = readTrees(desired, stripped.snapshot, renderer);
  if (first.value === undefined) return first;
  const withoutOurs = withoutEmpty(stripped, lock, first.value);
  const reading = readTrees(desired, withoutOurs.snapshot, renderer);
  if (reading.value === undefined) return reading;
  const wanted = planOnce(desired, withoutOurs.snapshot, reading.value, renderer);
  if (hasErrors(wanted.problems))
    return known({ changes: [], notes: [], conflicts: [], problems: wanted.problems });
  const merging = new Merging(snapshot, withoutOurs, options);
  for (const [before, after] of pairs(lock.files, wanted.files)) merging.mergeFile(before, after);
  for (const path of new Set([...lock.edits, ...wanted.edits].map((each) => each.path)))
    merging.mergeEdits(path, lock.edits, wanted.edits);
  const changes = merging.changes();
  const after = withChanges(snapshot, changes);
  const result = readTrees(desired, after, renderer);
  if (result.value === undefined) return result;
  const left = drift(planOnce(desired, after, result.value, renderer)).map(({ file, message }): Problem => ({
    rule: 'bundle-edited-away',
    severity: desired.drift,
    message,
    fix: 'Restore it if the mesh needs it; otherwise change fleet.yaml.',
    file,
    line: 1,
    column: 1,
  }));
  return known({
    changes,
    notes: notesOf(changes, [...wanted.notes]),
    conflicts: merging.conflicts,
    problems: [...ofTheRealFiles(wanted.problems, trees), ...merging.problems, ...left],
    lock: { ...lockInputs(desired, templates), files: wanted.files, edits: wanted.edits },
  });
}

/** A directory as if Meshwright had never been there, and where its objects were found. */
interface Stripped {
  readonly snapshot: Snapshot;
  /** Objects of owned files that people moved: identity to the file they are in now. */
  readonly moved: ReadonlyMap<string, RepoPath>;
}

function withoutMeshwright(snapshot: Snapshot, trees: DirectoryTrees, lock: DirectoryLock): Stripped {
  const texts = new Map<RepoPath, string>();
  const textOf = (path: RepoPath) => texts.get(path) ?? snapshot.files.get(path);
  const moved = new Map<string, RepoPath>();
  const owned = new Set(lock.files.map(({ path }) => path));
  for (const { path, text } of lock.files) {
    const ours = snapshot.files.get(path) ?? '';
    const { matched, missing } = alignedDocuments(text, ours);
    if (ours !== '')
      texts.set(
        path,
        rest(ours, (_, index) => matched.has(index)),
      );
    for (const value of missing) {
      const identity = manifestIdentity(value);
      const found = trees.own.manifests.find(
        (manifest) => !owned.has(manifest.file) && manifestIdentity(manifest.written) === identity,
      );
      if (identity === undefined || found === undefined || found.at.length > 0) continue;
      moved.set(identity, found.file);
      texts.set(
        found.file,
        rest(textOf(found.file) ?? '', (each) => manifestIdentity(each) === identity),
      );
    }
  }
  for (const edits of [...lock.edits].reverse()) {
    const text = textOf(edits.path);
    if (text !== undefined) texts.set(edits.path, withoutEdits(text, edits.path, edits));
  }
  const changes = [...texts].map(([path, after]) => ({ path, before: snapshot.files.get(path), after }));
  return { snapshot: withChanges(snapshot, changes), moved };
}

/** The same without the owned files that hold nothing any more, unless people refer to one in a way of their own. */
function withoutEmpty(withoutOurs: Stripped, lock: DirectoryLock, { own }: DirectoryTrees): Stripped {
  const empty = lock.files
    .map(({ path }) => path)
    .filter((path) => withoutOurs.snapshot.files.get(path) === '')
    .filter((path) => own.kustomization === undefined || !own.reads.has(path));
  const changes = empty.map((path) => ({ path, before: '', after: undefined }));
  return { ...withoutOurs, snapshot: withChanges(withoutOurs.snapshot, changes) };
}

/** A text without some of its documents; empty when none is left. */
function rest(text: string, isGone: (value: JsonValue, index: number) => boolean): string {
  const left = pickDocuments(text, (value, index) => !isGone(value, index)) ?? text;
  return hasObjects(left) ? left : '';
}

function hasObjects(text: string): boolean {
  return documentValues(text).some((value) => value !== null);
}

/** What was generated beside what is wanted now: by path, else by generator, which follows a file that templates renamed. */
function pairs(
  before: readonly LockedFile[],
  after: readonly LockedFile[],
): readonly (readonly [LockedFile | undefined, LockedFile | undefined])[] {
  const partner = new Map<LockedFile, LockedFile>();
  const free = new Set(after);
  const find = (isSame: (one: LockedFile, other: LockedFile) => boolean) => {
    for (const one of before) {
      if (partner.has(one)) continue;
      const other = [...free].find((each) => isSame(one, each));
      if (other === undefined) continue;
      partner.set(one, other);
      free.delete(other);
    }
  };
  find((one, other) => one.path === other.path);
  find((one, other) => one.generator === other.generator && one.generator !== 'overlay-patch');
  return [
    ...before.map((one) => [one, partner.get(one)] as const),
    ...[...free].map((other) => [undefined, other] as const),
  ];
}

class Merging {
  readonly conflicts: Conflict[] = [];
  readonly problems: Problem[] = [];
  readonly #snapshot: Snapshot;
  readonly #withoutOurs: Stripped;
  readonly #options: PlanOptions;
  readonly #texts = new Map<RepoPath, string | undefined>();
  readonly #restored = new Set<RepoPath>();

  constructor(snapshot: Snapshot, withoutOurs: Stripped, options: PlanOptions) {
    this.#snapshot = snapshot;
    this.#withoutOurs = withoutOurs;
    this.#options = options;
  }

  changes(): readonly FileChange[] {
    return [...this.#texts]
      .map(([path, after]) => ({ path, before: this.#snapshot.files.get(path), after }))
      .filter(({ before, after }) => before !== after)
      .sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  mergeFile(before: LockedFile | undefined, after: LockedFile | undefined): void {
    const isMoved = (value: JsonValue) => this.#withoutOurs.moved.has(manifestIdentity(value) ?? '');
    const here = (file: LockedFile | undefined) =>
      file === undefined ? '' : (pickDocuments(file.text, (value) => !isMoved(value)) ?? file.text);
    this.#mergeMoved(before, after);
    const [base, theirs] = [here(before), here(after)];
    const path = before?.path ?? after?.path;
    if (path === undefined || (base === '' && theirs === '')) return;
    const ours = this.#textOf(path);
    if (before !== undefined && ours === undefined) {
      this.#removed(before, after, theirs);
      return;
    }
    const text = this.#merge(path, base, ours ?? '', theirs);
    if (text === undefined) return;
    const isEmpty = !hasObjects(text) && ours !== text;
    if (after !== undefined && after.path !== path) {
      this.#texts.set(path, undefined);
      this.#texts.set(after.path, text);
    } else this.#texts.set(path, isEmpty ? undefined : text);
  }

  /** The files of others: what was changed in them, against what is to be changed. */
  mergeEdits(path: RepoPath, before: readonly LockedEdits[], after: readonly LockedEdits[]): void {
    const ours = this.#textOf(path);
    const withoutOurs = this.#withoutOurs.snapshot.files.get(path);
    if (ours === undefined || withoutOurs === undefined) return;
    const made = (edits: readonly LockedEdits[]) =>
      edits
        .filter((each) => each.path === path)
        .reduce((text, each) => withEdits(text, path, each), withoutOurs);
    const text = this.#merge(path, made(this.#withoutRestored(before)), ours, made(after));
    if (text !== undefined) this.#texts.set(path, text);
  }

  /** References to restored files count as never made, so that they are made again. */
  #withoutRestored(before: readonly LockedEdits[]): readonly LockedEdits[] {
    if (this.#restored.size === 0) return before;
    const isRestored = (edit: RecordedEdit) => {
      if (edit.op !== 'append') return false;
      const name = typeof edit.value === 'string' ? edit.value : stringAt(edit.value, 'path');
      return [...this.#restored].some((path) => baseName(path) === name?.replace(/^(?:\.\/)+/, ''));
    };
    return before.map((each) => ({ ...each, edits: each.edits.filter((edit) => !isRestored(edit)) }));
  }

  #textOf(path: RepoPath): string | undefined {
    return this.#texts.has(path) ? this.#texts.get(path) : this.#snapshot.files.get(path);
  }

  #merge(path: RepoPath, base: string, ours: string, theirs: string): string | undefined {
    const merged = mergeYaml({ base, ours, theirs }, path);
    if (!merged.ok) {
      this.problems.push(...merged.problems);
      return undefined;
    }
    this.conflicts.push(...merged.value.conflicts);
    return merged.value.text;
  }

  /** Objects that people moved to other files are brought up to date there. */
  #mergeMoved(before: LockedFile | undefined, after: LockedFile | undefined): void {
    const values = documentValues(before?.text ?? '');
    for (const path of new Set(
      values.map((value) => this.#withoutOurs.moved.get(manifestIdentity(value) ?? '')),
    )) {
      if (path === undefined) continue;
      const isThere = (value: JsonValue) =>
        this.#withoutOurs.moved.get(manifestIdentity(value) ?? '') === path;
      const [base, theirs] = [before, after].map((file) => pickDocuments(file?.text ?? '', isThere) ?? '');
      const text = this.#merge(path, base ?? '', this.#textOf(path) ?? '', theirs ?? '');
      if (text !== undefined) this.#texts.set(path, text);
    }
  }

  #removed(before: LockedFile, after: LockedFile | undefined, theirs: string): void {
    if (after === undefined) return;
    if (this.#options.restore) {
      this.#texts.set(after.path, theirs);
      this.#restored.add(after.path);
      return;
    }
    const isDue = !sameValue([...documentValues(before.text)], [...documentValues(theirs)]);
    this.problems.push({
      rule: 'owned-file-removed',
      severity: isDue ? 'warning' : 'info',
      message: `${before.path} was generated, and someone removed it. It stays removed${isDue ? ', although what belongs there has changed' : ''}.`,
      fix: 'Use --restore to write it again.',
      file: before.path,
    });
  }
}

/** What changes, object by object, with the reason that the plan gives. */
function notesOf(changes: readonly FileChange[], wanted: readonly BundleNote[]): readonly BundleNote[] {
  const renamed = renamesIn(changes);
  return changes.flatMap(({ path, before, after }) => {
    if (after === undefined && [...renamed.values()].includes(path)) return [];
    const from = renamed.get(path);
    if (from !== undefined)
      return [{ file: path, what: `replaces ${from}`, why: 'the templates now use this name' }];
    const told = wanted.filter(({ file }) => file === path);
    const why = [...new Set(told.map((note) => note.why))].join('; ') || 'current templates and fleet';
    if (after === undefined)
      return [{ file: path, what: 'removes the file', why: 'nothing needs it any longer' }];
    if (before === undefined) return told.length > 0 ? told : [{ file: path, what: 'adds the file', why }];
    const was = new Map(documentValues(before).map((value) => [nameOf(value), value]));
    const changed = documentValues(after).filter((value) => !sameValue(was.get(nameOf(value)), value));
    const names = [...new Set(changed.map(nameOf))];
    if (names.length === 0) return [{ file: path, what: 'changes comments', why }];
    return names.map((name) => ({
      file: path,
      what: `${was.has(name) ? 'changes' : 'adds'} ${name}`,
      why: told.find(({ what }) => what.endsWith(` ${name}`))?.why ?? why,
    }));
  });
}

/** Added files that mean what a removed one meant: the new path, and the path before. */
function renamesIn(changes: readonly FileChange[]): ReadonlyMap<RepoPath, RepoPath> {
  const renamed = new Map<RepoPath, RepoPath>();
  for (const added of changes.filter(({ before }) => before === undefined)) {
    const values = documentValues(added.after ?? '');
    const from = changes.find(
      ({ before, after }) =>
        before !== undefined && after === undefined && sameValue([...documentValues(before)], [...values]),
    );
    if (from !== undefined && values.length > 0) renamed.set(added.path, from.path);
  }
  return renamed;
}

function nameOf(value: JsonValue): string {
  const kind = stringAt(value, 'kind') ?? 'what is built';
  return [kind, stringAt(value, 'metadata', 'name')].filter((part) => part !== undefined).join(' ');
}
