import { isList, isObject, type JsonValue } from '../model/json.ts';
import type { FileLocation, KustomizationFile } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import { joinRepoPath } from '../model/repo-path.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { readYaml, type YamlDocument, type YamlStream } from '../yaml/read.ts';
import type { ReadPatch } from './apply-patches.ts';
import { missingOf, refusedBuild, startBuilding, type Building, type Refuse } from './building.ts';
import { isRemote, kustomizationFilesIn } from './kustomization.ts';
import { isBrokenJson, notJson } from './patch.ts';

/** The files of a build as they are read, and what is said of them. */
export class TreeFiles {
  readonly needs = new Set<RepoPath>();
  readonly reads = new Set<RepoPath>();
  readonly problems: Problem[] = [];
  /** Whether something that a level includes could not be read, so that more objects may be there. */
  isPartial = false;
  readonly snapshot: Snapshot;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  parse(path: RepoPath): YamlStream | undefined {
    this.reads.add(path);
    if (this.snapshot.unreadable.has(path)) {
      this.isPartial = true;
      const place = { file: path, line: 1, column: 1 };
      if (this.snapshot.tooLarge?.has(path) === true)
        this.refuse('file-too-large', place, {
          message:
            'The file is larger than 16 MiB, so it was not read, and nothing is known of what it builds.',
          fix: 'Divide it.',
        });
      else this.note('kustomize-not-text', place, 'The file is not UTF-8 text.');
      return undefined;
    }
    const text = this.snapshot.files.get(path);
    if (text === undefined) {
      this.needs.add(path);
      this.isPartial = true;
      return undefined;
    }
    const read = readYaml(text, path);
    if (read.ok) return read.value;
    this.isPartial = true;
    if (text.includes('{{'))
      this.refuse(
        'kustomize-not-yaml',
        { file: path, line: read.problems[0]?.line ?? 1, column: read.problems[0]?.column ?? 1 },
        {
          message: 'The file is a template, not YAML, so kustomize refuses the build.',
          fix: 'Take it out of what Flux builds, or list the rendered file.',
        },
      );
    else this.problems.push(...read.problems);
    return undefined;
  }

  /** The objects of a file of resources. */
  objectsIn(path: RepoPath): Building[] {
    return (this.parse(path)?.documents ?? []).flatMap((document) => this.#objectsOf(path, document));
  }

  #objectsOf(path: RepoPath, document: YamlDocument): readonly Building[] {
    const { value } = document;
    if (value === null) return [];
    // Where a document starts is asked only when something is said: it costs a reading in full.
    const place = (at: readonly (string | number)[] = []) => ({ file: path, ...document.placeOf(at) });
    const isEncrypted = isObject(value) && isObject(value.sops);
    if (isEncrypted) this.note('kustomize-encrypted', place(), 'A SOPS-encrypted document was skipped.');
    const items =
      isObject(value) && typeof value.kind === 'string' && value.kind.endsWith('List')
        ? value.items
        : undefined;
    if (isList(items))
      return items.flatMap((item, index) =>
        isObject(item) && !this.#isMisfit(item, () => place(['items', index]))
          ? [startBuilding(path, document, ['items', index], item)]
          : [],
      );
    if (this.#isMisfit(value, place) || !isObject(value)) return [];
    return [startBuilding(path, document, [], value, isEncrypted)];
  }

  #isMisfit(value: JsonValue, place: () => FileLocation): boolean {
    const missing = missingOf(value);
    if (missing === undefined) return false;
    this.refuse('kustomize-not-a-manifest', place(), {
      message: refusedBuild(`missing ${missing}`),
      fix: 'Complete the manifest, or take the file out of the build.',
    });
    return true;
  }

  /** Reads the patches of the kustomizations in `directory`. */
  patchesOf(directory: RepoPath): ReadPatch {
    return (entry, place) =>
      'text' in entry ? this.#inlinePatch(entry.text, place) : this.#patchFile(entry.path, place, directory);
  }

  #inlinePatch(text: string, place: FileLocation): ReturnType<ReadPatch> {
    if (isBrokenJson(text)) {
      this.refuse('kustomize-broken-patch', place, notJson);
      return undefined;
    }
    const read = readYaml(text, place.file);
    if (read.ok) return { place, documents: read.value.documents.map(({ value }) => ({ value })) };
    const [problem] = read.problems;
    if (read.problems.every(({ rule }) => rule === 'yaml-duplicate-key'))
      this.note(
        'kustomize-ambiguous-patch',
        place,
        `The inline patch was ignored, because kustomize silently picks one of two values: ${problem?.message ?? ''}`,
      );
    else
      this.refuse('kustomize-broken-patch', place, {
        message: `The inline patch is not valid YAML: ${problem?.message ?? ''}`,
        fix: 'Correct the patch.',
      });
    return undefined;
  }

  #patchFile(entry: string, place: FileLocation, directory: RepoPath): ReturnType<ReadPatch> {
    const path = this.fileAt(entry, directory, place);
    const stream = path === undefined ? undefined : this.parse(path);
    if (path === undefined || stream === undefined) return undefined;
    return {
      place: { file: path, line: 1, column: 1 },
      documents: stream.documents.map((document) => ({
        value: document.value,
        rangeOf: (patched, which) => ({ file: path, ...document.rangeOf(patched, which) }),
      })),
    };
  }

  /** The entries of a file of replacements: a list, or one. */
  replacementsOf(
    directory: RepoPath,
  ): (path: string, place: FileLocation) => readonly JsonValue[] | undefined {
    return (entry, place) => {
      const path = this.fileAt(entry, directory, place);
      const value = path === undefined ? undefined : this.parse(path)?.documents[0]?.value;
      if (value === undefined || value === null) return undefined;
      return isList(value) ? value : [value];
    };
  }

  /** A file that an entry names; says so where there is none. */
  fileAt(entry: string, directory: RepoPath, place: FileLocation): RepoPath | undefined {
    const path = joinRepoPath(directory, entry);
    if (path !== undefined && this.snapshot.paths.has(path)) return path;
    if (isRemote(entry)) this.noteRemote(entry, place);
    else this.missing(entry, place);
    return undefined;
  }

  /** Says where the files that a level lists for kustomize itself are not there.
   *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/target/kusttarget.go accumulateTarget */
  checkListed(level: KustomizationFile, directory: RepoPath): void {
    const each = (name: string, isFine: (entry: string) => boolean) => {
      const key = level.key(name);
      const value = level.value[key];
      const entries = isList(value) ? value.entries() : [];
      for (const [index, entry] of entries)
        if (typeof entry === 'string' && !isFine(entry))
          this.fileAt(entry, directory, level.locationOf([key, index]));
    };
    for (const name of ['crds', 'configurations']) each(name, () => false);
    const isDirectory = (entry: string) => {
      const path = joinRepoPath(directory, entry);
      return path !== undefined && kustomizationFilesIn(this.snapshot, path).length > 0;
    };
    for (const name of ['transformers', 'generators', 'validators'])
      each(name, (entry) => entry.includes('\n') || isDirectory(entry));
    const openapi = level.key('openapi');
    const schema = level.value[openapi];
    if (isObject(schema) && typeof schema.path === 'string')
      this.fileAt(schema.path, directory, level.locationOf([openapi, 'path']));
  }

  readonly refuse: Refuse = (rule, place, said) => {
    this.problems.push({ rule, severity: 'error', ...said, ...place });
  };

  missing(entry: string, place: FileLocation): void {
    this.isPartial = true;
    this.refuse('kustomize-missing-resource', place, {
      message: `"${entry}" is neither a file nor a directory with a kustomization file; the build fails today.`,
      fix: 'Correct the path or remove the entry.',
    });
  }

  noteRemote(entry: string, place: FileLocation): void {
    this.isPartial = true;
    this.note(
      'kustomize-remote',
      place,
      `"${entry}" is remote and was not read, so what it adds is unknown.`,
    );
  }

  note(rule: string, place: FileLocation, message: string): void {
    this.problems.push({ rule, severity: 'info', message, ...place });
  }
}
