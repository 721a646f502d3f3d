import { isList, isObject, listAt, stringAt, type JsonValue } from '../model/json.ts';
import type { FileLocation, KustomizationFile, KustomizeTree } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import { pathsBelow } from '../model/paths.ts';
import type { Problem } from '../model/problem.ts';
import { directoryOf, isBelow, joinRepoPath } from '../model/repo-path.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import { readYaml, type YamlStream } from '../yaml/read.ts';
import { applyLatePatches, applyPatches, recordReplacements, type ReadPatch } from './apply-patches.ts';
import { asManifest, isBuilt, startBuilding, type Building } from './building.ts';
import { asKustomization, ignoredByFlux, isRemote, kustomizationFilesIn } from './kustomization.ts';
import { joinerOf } from './joined.ts';
import { onlyOverlay, withOverlay, type KustomizationOverlay } from './overlay.ts';
import { isBrokenJson, notJson } from './patch.ts';
import { recallTree, rememberTree } from './remembered-trees.ts';
import { transformLevel } from './transform.ts';

/** Where an entry is written: asked only when something is said of it, since it costs a reading in full. */
type Where = () => FileLocation;

/** Deeper chains than this are a cycle or a joke. */
const maxDepth = 32;
/** Directories that include two others each grow without end before they are deep. */
const maxDirectories = 5000;

/** Reads what Flux builds from `directory`: its kustomization file with all it refers to, or, without one, every
 *  manifest below. Pure: when a file's text is missing from the snapshot, answers with what it needs. Asked again of the
 *  same paths and texts it gives the very same tree.
 *  Transformers of names, namespaces, labels and patches are followed; generators, plugins and remote bases are not.
 *  @param overlay  what the Flux Kustomization adds to the kustomization file of the directory itself
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#generating-a-kustomizationyaml-file */
export function readTree(
  snapshot: Snapshot,
  directory: RepoPath,
  overlay?: KustomizationOverlay,
): Reading<KustomizeTree> {
  const remembered = recallTree(snapshot, directory, overlay);
  if (remembered !== undefined) return known(remembered);
  const reader = new TreeReader(snapshot, overlay);
  const objects = reader.readDirectory(directory, undefined, 0);
  const [file] = kustomizationFilesIn(snapshot, directory);
  const kustomization = file === undefined ? undefined : reader.kustomizationAt(file);
  if (reader.needs.size > 0) return { needs: [...reader.needs] };
  const tree: KustomizeTree = {
    directory,
    kustomization,
    manifests: objects.filter(isBuilt).map(asManifest),
    reads: reader.reads,
    problems: reader.problems,
  };
  rememberTree(snapshot, tree, overlay);
  return known(tree);
}

class TreeReader {
  readonly needs = new Set<RepoPath>();
  readonly reads = new Set<RepoPath>();
  readonly problems: Problem[] = [];
  readonly #snapshot: Snapshot;
  readonly #overlay: KustomizationOverlay | undefined;
  readonly #open = new Set<RepoPath>();
  #directories = 0;

  constructor(snapshot: Snapshot, overlay: KustomizationOverlay | undefined) {
    this.#snapshot = snapshot;
    this.#overlay = overlay;
  }

  readDirectory(directory: RepoPath, from: Where | undefined, depth: number): Building[] {
    if (++this.#directories > maxDirectories) {
      if (this.#directories === maxDirectories + 1)
        this.#refuse('kustomize-too-large', from?.() ?? { file: directory, line: 1, column: 1 }, {
          message: `The build reads more than ${String(maxDirectories)} directories, the same ones over and over; it was not followed any further.`,
          fix: 'Include each directory once.',
        });
      return [];
    }
    const files = kustomizationFilesIn(this.#snapshot, directory);
    const [file, second] = files;
    if (second !== undefined) {
      this.#refuse(
        'kustomize-two-files',
        { file: second, line: 1, column: 1 },
        {
          message: `The directory holds ${files.join(' and ')}; kustomize builds neither.`,
          fix: 'Keep one kustomization file per directory.',
        },
      );
      return [];
    }
    const overlay = from === undefined ? this.#overlay : undefined;
    if (file === undefined) return this.#overlaid(this.#readAll(directory), directory, overlay);
    const stream = this.#parse(file);
    if (stream === undefined) return [];
    const written = asKustomization(stream, file);
    if (written === undefined) return this.#overlaid(this.#readAll(directory), directory, overlay);
    const level = overlay === undefined ? written : withOverlay(written, overlay);
    if (this.#open.has(file) || depth > maxDepth) {
      this.#refuse('kustomize-cycle', from?.() ?? { file, line: 1, column: 1 }, {
        message: `${file} includes itself, directly or through others.`,
        fix: 'Break the cycle of resources.',
      });
      return [];
    }
    const isComponent = stringAt(level.value, 'kind') === 'Component';
    if (isComponent && from === undefined)
      this.#refuse('kustomize-component', level.locationOf(['kind']), {
        message: 'The target directory is a kustomize Component, which cannot be built by itself.',
        fix: 'Point the path of this namespace at the overlay that Flux builds.',
      });
    this.#open.add(file);
    const objects = this.#readLevel(level, directory, depth);
    this.#open.delete(file);
    return objects;
  }

  /** A directory without a kustomization file gets one from Flux, and the overlay with it. */
  #overlaid(objects: Building[], directory: RepoPath, overlay: KustomizationOverlay | undefined): Building[] {
    if (overlay !== undefined) this.#applyLevel(objects, onlyOverlay(overlay), directory, 0);
    return objects;
  }

  kustomizationAt(file: RepoPath): KustomizationFile | undefined {
    const stream = this.#parse(file);
    return stream === undefined ? undefined : asKustomization(stream, file);
  }

  #readLevel(level: KustomizationFile, directory: RepoPath, depth: number): Building[] {
    const objects: Building[] = [];
    const seen = new Set<string>();
    const join = this.#joinerOf(objects);
    for (const name of ['resources', 'bases'] as const) {
      const key = level.key(name);
      for (const [index, entry] of listAt(level.value, key).entries()) {
        const place = () => level.locationOf([key, index]);
        join(this.#readEntry(entry, place, directory, depth, seen), place);
      }
    }
    this.#applyLevel(objects, level, directory, depth);
    return objects;
  }

  /** Takes objects into those of a level, and says where kustomize refuses one. */
  #joinerOf(objects: Building[]): (more: readonly Building[], place: Where) => void {
    const join = joinerOf(objects);
    return (more, place) => {
      for (const id of join(more))
        this.#refuse('kustomize-duplicate-id', place(), {
          message: `kustomize refuses the build: may not add resource with an already registered id: ${id}.`,
          fix: 'Keep one of the two objects, or give one another name.',
        });
    };
  }

  #applyLevel(objects: Building[], level: KustomizationFile, directory: RepoPath, depth: number): void {
    const components = level.key('components');
    for (const [index, entry] of listAt(level.value, components).entries()) {
      const place = () => level.locationOf([components, index]);
      if (typeof entry !== 'string') continue;
      if (isRemote(entry)) {
        this.#noteRemote(entry, place());
        continue;
      }
      const path = joinRepoPath(directory, entry);
      const [file] = path === undefined ? [] : kustomizationFilesIn(this.#snapshot, path);
      if (path === undefined || file === undefined) this.#missing(entry, place());
      else this.#applyComponent(objects, file, path, place, depth);
    }
    const read: ReadPatch = (entry, place) => this.#readPatch(entry, place, directory);
    applyPatches(objects, level, read);
    transformLevel(objects, level);
    applyLatePatches(objects, level, read);
    recordReplacements(objects, level);
    this.#noteUnmodelled(level);
  }

  /** A component's transformers run over what the including level has gathered so far, and over its own resources. */
  #applyComponent(
    objects: Building[],
    file: RepoPath,
    directory: RepoPath,
    from: Where,
    depth: number,
  ): void {
    const stream = this.#parse(file);
    const level = stream === undefined ? undefined : asKustomization(stream, file);
    if (level === undefined) return;
    if (this.#open.has(file) || depth > maxDepth) {
      this.#refuse('kustomize-cycle', from(), {
        message: `${file} includes itself.`,
        fix: 'Break the cycle.',
      });
      return;
    }
    this.#open.add(file);
    const key = level.key('resources');
    const seen = new Set<string>();
    const join = this.#joinerOf(objects);
    for (const [index, entry] of listAt(level.value, key).entries()) {
      const place = () => level.locationOf([key, index]);
      join(this.#readEntry(entry, place, directory, depth + 1, seen), place);
    }
    this.#applyLevel(objects, level, directory, depth + 1);
    this.#open.delete(file);
  }

  #readEntry(
    entry: JsonValue,
    place: Where,
    directory: RepoPath,
    depth: number,
    seen: Set<string>,
  ): Building[] {
    if (typeof entry !== 'string') {
      this.#refuse('kustomize-missing-resource', place(), {
        message: 'An entry of resources must be a path or a URL.',
        fix: 'Write one path per entry.',
      });
      return [];
    }
    if (isRemote(entry)) {
      this.#noteRemote(entry, place());
      return [];
    }
    const path = joinRepoPath(directory, entry);
    if (path === undefined) {
      this.#refuse('kustomize-outside-repository', place(), {
        message: `"${entry}" leads out of the repository.`,
        fix: 'Refer to files of this repository only.',
      });
      return [];
    }
    if (seen.has(path)) {
      this.#refuse('kustomize-duplicate-resource', place(), {
        message: `"${entry}" is listed twice; kustomize refuses to build that.`,
        fix: 'Remove one of the two entries.',
      });
      return [];
    }
    seen.add(path);
    if (this.#snapshot.links.has(path)) {
      this.#refuse('kustomize-link', place(), {
        message: `"${entry}" is a symbolic link or a submodule, which is not followed.`,
        fix: 'Refer to the file itself.',
      });
      return [];
    }
    if (this.#snapshot.paths.has(path)) return this.#readFile(path);
    if (kustomizationFilesIn(this.#snapshot, path).length > 0)
      return this.readDirectory(path, place, depth + 1);
    this.#missing(entry, place());
    return [];
  }

  #readAll(directory: RepoPath): Building[] {
    const objects: Building[] = [];
    const join = this.#joinerOf(objects);
    const whole: RepoPath[] = [];
    for (const path of pathsBelow(this.#snapshot.paths, directory)) {
      const parent = directoryOf(path);
      if (whole.some((each) => isBelow(path, each))) continue;
      if (parent !== directory && kustomizationFilesIn(this.#snapshot, parent).length > 0) {
        whole.push(parent);
        const place = () => ({ file: path, line: 1, column: 1 });
        join(this.readDirectory(parent, place, 1), place);
      } else if (/\.ya?ml$/.test(path) && (this.#overlay?.hasRules === true || !ignoredByFlux.test(path)))
        join(this.#readFile(path), () => ({ file: path, line: 1, column: 1 }));
    }
    return objects;
  }

  #readFile(path: RepoPath): Building[] {
    const stream = this.#parse(path);
    const objects: Building[] = [];
    for (const document of stream?.documents ?? []) {
      if (document.value === null) continue;
      // Where a document starts is asked only when something is said: it costs a reading in full.
      const place = () => ({ file: path, ...document.placeOf([]) });
      if (!isObject(document.value) || typeof document.value.kind !== 'string') {
        this.problems.push({
          rule: 'kustomize-not-a-manifest',
          severity: 'warning',
          message: 'The document is not a Kubernetes manifest: it has no "kind".',
          fix: 'Remove it from resources, or complete it.',
          ...place(),
        });
        continue;
      }
      if (isObject(document.value.sops)) {
        this.#note('kustomize-encrypted', place(), 'A SOPS-encrypted document was skipped.');
        continue;
      }
      const items = document.value.items;
      if (document.value.kind.endsWith('List') && isList(items)) {
        for (const [index, item] of items.entries())
          if (isObject(item)) objects.push(startBuilding(path, document, ['items', index], item));
      } else objects.push(startBuilding(path, document, [], document.value));
    }
    return objects;
  }

  #readPatch(
    entry: { readonly text: string } | { readonly path: string },
    place: FileLocation,
    directory: RepoPath,
  ): ReturnType<ReadPatch> {
    if ('text' in entry) {
      if (isBrokenJson(entry.text)) this.#refuse('kustomize-broken-patch', place, notJson);
      const read = readYaml(entry.text, place.file);
      if (read.ok) return { place, documents: read.value.documents.map(({ value }) => ({ value })) };
      if (read.problems.every(({ rule }) => rule === 'yaml-duplicate-key')) {
        this.#note(
          'kustomize-ambiguous-patch',
          place,
          `The inline patch was ignored, because kustomize silently picks one of two values: ${read.problems[0]?.message ?? ''}`,
        );
        return undefined;
      }
      this.#refuse('kustomize-broken-patch', place, {
        message: `The inline patch is not valid YAML: ${read.problems[0]?.message ?? ''}`,
        fix: 'Correct the patch.',
      });
      return undefined;
    }
    const path = joinRepoPath(directory, entry.path);
    if (path === undefined || !this.#snapshot.paths.has(path)) {
      this.#missing(entry.path, place);
      return undefined;
    }
    const stream = this.#parse(path);
    if (stream === undefined) return undefined;
    return {
      place: { file: path, line: 1, column: 1 },
      documents: stream.documents.map((document) => ({
        value: document.value,
        rangeOf: (patched, which) => ({ file: path, ...document.rangeOf(patched, which) }),
      })),
    };
  }

  #parse(path: RepoPath): YamlStream | undefined {
    this.reads.add(path);
    if (this.#snapshot.unreadable.has(path)) {
      this.#note('kustomize-not-text', { file: path, line: 1, column: 1 }, 'The file is not UTF-8 text.');
      return undefined;
    }
    const text = this.#snapshot.files.get(path);
    if (text === undefined) {
      this.needs.add(path);
      return undefined;
    }
    const read = readYaml(text, path);
    if (read.ok) return read.value;
    // Helm templates and other placeholders are other tools' business; broken YAML is a build that fails.
    if (text.includes('{{'))
      this.#note(
        'kustomize-not-yaml',
        { file: path, line: read.problems[0]?.line ?? 1, column: read.problems[0]?.column ?? 1 },
        'The file is a template, not YAML, and was skipped.',
      );
    else this.problems.push(...read.problems);
    return undefined;
  }

  #missing(entry: string, place: FileLocation): void {
    this.#refuse('kustomize-missing-resource', place, {
      message: `"${entry}" is neither a file nor a directory with a kustomization file; the build fails today.`,
      fix: 'Correct the path or remove the entry.',
    });
  }

  #noteRemote(entry: string, place: FileLocation): void {
    this.#note(
      'kustomize-remote',
      place,
      `"${entry}" is remote and was not read, so what it adds is unknown.`,
    );
  }

  #noteUnmodelled(level: KustomizationFile): void {
    for (const name of ['transformers', 'generators', 'helmCharts', 'configurations', 'vars']) {
      const key = level.key(name);
      if (listAt(level.value, key).length > 0)
        this.#note(
          'kustomize-not-modelled',
          level.locationOf([key]),
          `The effect of "${key}" is not evaluated.`,
        );
    }
  }

  #note(rule: string, place: FileLocation, message: string): void {
    this.problems.push({ rule, severity: 'info', message, ...place });
  }

  #refuse(rule: string, place: FileLocation, said: { message: string; fix: string }): void {
    this.problems.push({ rule, severity: 'error', ...said, ...place });
  }
}
