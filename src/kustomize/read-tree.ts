import { isList, isObject, listAt, stringAt, type JsonValue } from '../model/json.ts';
import type { FileLocation, KustomizationFile, KustomizeTree } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import { pathsBelow } from '../model/paths.ts';
import { directoryOf, isBelow, joinRepoPath } from '../model/repo-path.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import type { YamlStream } from '../yaml/read.ts';
import { applyLatePatches, applyPatches, type Patching } from './apply-patches.ts';
import { asManifest, isBuilt, refusedBuild, type Building } from './building.ts';
import { generateObjects } from './generated.ts';
import { asKustomization, ignoredByFlux, isRemote, kustomizationFilesIn } from './kustomization.ts';
import { misfitsOf } from './kustomization-fields.ts';
import { joinerOf } from './joined.ts';
import { followNames } from './name-references.ts';
import { onlyOverlay, withOverlay, type KustomizationOverlay } from './overlay.ts';
import { recallTree, rememberTree } from './remembered-trees.ts';
import { recordReplacements } from './replacements.ts';
import { checkReplicas } from './replicas.ts';
import { transformLevel } from './transform.ts';
import { TreeFiles } from './tree-files.ts';

/** Where an entry is written: asked only when something is said of it, since it costs a reading in full. */
type Where = () => FileLocation;

/** Deeper chains than this are a cycle or a joke. */
const maxDepth = 32;
/** Directories that include two others each grow without end before they are deep. */
const maxDirectories = 5000;
/** How often a patch of a build looks at an object, in all: what kustomize itself takes minutes for is nobody's build. */
const maxPatchings = 50_000;

/** Reads what Flux builds from `directory`: its kustomization file with all it refers to, or, without one, every
 *  manifest below. Pure: when a file's text is missing from the snapshot, answers with what it needs. Asked again of the
 *  same paths and texts it gives the very same tree.
 *  What kustomize refuses is an error among the problems, in its words and with the place.
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
  const files = new TreeFiles(snapshot);
  const reader = new TreeReader(files, overlay);
  const objects = reader.readDirectory(directory, undefined, 0);
  followNames(objects, files.refuse);
  const [file] = kustomizationFilesIn(snapshot, directory);
  const kustomization = file === undefined ? undefined : reader.kustomizationAt(file);
  if (files.needs.size > 0) return { needs: [...files.needs] };
  const tree: KustomizeTree = {
    directory,
    kustomization,
    manifests: objects.filter(isBuilt).map(asManifest),
    reads: files.reads,
    problems: files.problems,
  };
  rememberTree(snapshot, tree, overlay);
  return known(tree);
}

class TreeReader {
  readonly #files: TreeFiles;
  readonly #snapshot: Snapshot;
  readonly #overlay: KustomizationOverlay | undefined;
  readonly #open = new Set<RepoPath>();
  #directories = 0;
  #patchings = 0;

  constructor(files: TreeFiles, overlay: KustomizationOverlay | undefined) {
    this.#files = files;
    this.#snapshot = files.snapshot;
    this.#overlay = overlay;
  }

  readDirectory(directory: RepoPath, from: Where | undefined, depth: number): Building[] {
    if (++this.#directories > maxDirectories) {
      if (this.#directories === maxDirectories + 1)
        this.#files.refuse('kustomize-too-large', from?.() ?? { file: directory, line: 1, column: 1 }, {
          message: `The build reads more than ${String(maxDirectories)} directories, the same ones over and over; it was not followed any further.`,
          fix: 'Include each directory once.',
        });
      return [];
    }
    const files = kustomizationFilesIn(this.#snapshot, directory);
    const [file, second] = files;
    if (second !== undefined) {
      this.#files.refuse(
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
    const stream = this.#files.parse(file);
    if (stream === undefined) return [];
    const written = asKustomization(stream, file);
    if (written === undefined) {
      this.#files.isPartial = true;
      this.#refuseFile(file, stream);
      return [];
    }
    const level = overlay === undefined ? written : withOverlay(written, overlay);
    if (this.#open.has(file) || depth > maxDepth) {
      this.#files.refuse('kustomize-cycle', from?.() ?? { file, line: 1, column: 1 }, {
        message: `${file} includes itself, directly or through others.`,
        fix: 'Break the cycle of resources.',
      });
      return [];
    }
    const isComponent = stringAt(level.value, level.key('kind')) === 'Component';
    if (isComponent)
      this.#files.refuse(
        'kustomize-component',
        from?.() ?? level.locationOf([level.key('kind')]),
        from === undefined
          ? {
              message: 'The target directory is a kustomize Component, which cannot be built by itself.',
              fix: 'Point the path of this namespace at the overlay that Flux builds.',
            }
          : {
              message: refusedBuild(`expected kind != 'Component' for path '${directory}'`),
              fix: 'List it under components.',
            },
      );
    this.#checkFields(level, from === undefined, stream);
    const wasPartial = this.#files.isPartial;
    this.#files.isPartial = false;
    this.#open.add(file);
    const objects = this.#readLevel(level, directory, depth);
    this.#open.delete(file);
    this.#files.isPartial ||= wasPartial;
    return objects;
  }

  #refuseFile(file: RepoPath, stream: YamlStream): void {
    const apiVersion = stringAt(stream.documents[0]?.value, 'apiVersion') ?? '';
    this.#files.refuse(
      'kustomize-wrong-field',
      { file, ...(stream.documents[0]?.placeOf(['apiVersion']) ?? { line: 1, column: 1 }) },
      {
        message: refusedBuild(
          `apiVersion for Kustomization should be kustomize.config.k8s.io/v1beta1, and it is ${apiVersion}`,
        ),
        fix: 'Give a file that is not a kustomization another name.',
      },
    );
  }

  /** Says what kustomize can't decode, and what of it Flux takes all the same. */
  #checkFields(level: KustomizationFile, isRoot: boolean, stream: YamlStream): void {
    const written = stream.documents[0]?.value ?? null;
    const value = written === null || isObject(written) ? level.value : written;
    for (const { path, reason, isTolerated } of misfitsOf(value, isRoot))
      if (isTolerated)
        this.#files.note(
          'kustomize-tolerated',
          level.locationOf(path),
          `Flux builds this all the same, and kustomize by itself refuses the file: ${reason}.`,
        );
      else
        this.#files.refuse('kustomize-wrong-field', level.locationOf(path), {
          message: refusedBuild(reason),
          fix: 'Correct or remove the field.',
        });
  }

  /** A directory without a kustomization file gets one from Flux, and the overlay with it. */
  #overlaid(objects: Building[], directory: RepoPath, overlay: KustomizationOverlay | undefined): Building[] {
    if (overlay !== undefined) this.#applyLevel(objects, onlyOverlay(overlay), directory, 0);
    return objects;
  }

  kustomizationAt(file: RepoPath): KustomizationFile | undefined {
    const stream = this.#files.parse(file);
    return stream === undefined ? undefined : asKustomization(stream, file);
  }

  #readLevel(level: KustomizationFile, directory: RepoPath, depth: number): Building[] {
    const objects: Building[] = [];
    this.#readResources(objects, level, directory, depth);
    this.#applyLevel(objects, level, directory, depth);
    return objects;
  }

  #readResources(objects: Building[], level: KustomizationFile, directory: RepoPath, depth: number): void {
    const seen = new Set<string>();
    const join = this.#joinerOf(objects);
    for (const name of ['resources', 'bases'] as const) {
      const key = level.key(name);
      for (const [index, entry] of listAt(level.value, key).entries()) {
        const place = () => level.locationOf([key, index]);
        join(this.#readEntry(entry, place, directory, depth, seen), place);
      }
    }
  }

  /** Takes objects into those of a level, and says where kustomize refuses one. */
  #joinerOf(objects: Building[]): (more: readonly Building[], place: Where) => void {
    const join = joinerOf(objects);
    return (more, place) => {
      for (const id of join(more))
        this.#files.refuse('kustomize-duplicate-id', place(), {
          message: `kustomize refuses the build: may not add resource with an already registered id: ${id}.`,
          fix: 'Keep one of the two objects, or give one another name.',
        });
    };
  }

  #applyLevel(objects: Building[], level: KustomizationFile, directory: RepoPath, depth: number): void {
    const isWhole = () => !this.#files.isPartial;
    const { refuse } = this.#files;
    this.#files.checkListed(level, directory);
    const needFile = (entry: string, place: FileLocation) => void this.#files.fileAt(entry, directory, place);
    generateObjects(objects, level, { refuse, needFile, isWhole });
    this.#noteUnmodelled(level, ['generators', 'helmCharts', 'helmChartInflationGenerator']);
    const components = level.key('components');
    for (const [index, entry] of listAt(level.value, components).entries()) {
      const place = () => level.locationOf([components, index]);
      if (typeof entry !== 'string') continue;
      if (isRemote(entry)) {
        this.#files.noteRemote(entry, place());
        continue;
      }
      const path = joinRepoPath(directory, entry);
      const [file] = path === undefined ? [] : kustomizationFilesIn(this.#snapshot, path);
      if (path === undefined || file === undefined) this.#files.missing(entry, place());
      else this.#applyComponent(objects, file, path, place, depth);
    }
    const mayLookAt = (count: number, place: FileLocation) => this.#mayPatch(count, place);
    const patching: Patching = { read: this.#files.patchesOf(directory), refuse, isWhole, mayLookAt };
    applyPatches(objects, level, patching);
    transformLevel(objects, level, refuse);
    applyLatePatches(objects, level, patching);
    if (isWhole()) checkReplicas(objects, level, refuse);
    recordReplacements(objects, level, { refuse, read: this.#files.replacementsOf(directory), isWhole });
    this.#noteUnmodelled(level, ['transformers', 'configurations', 'vars']);
  }

  #mayPatch(count: number, place: FileLocation): boolean {
    const before = this.#patchings;
    this.#patchings += count + 1;
    if (this.#patchings <= maxPatchings) return true;
    this.#files.isPartial = true;
    if (before <= maxPatchings)
      this.#files.refuse('kustomize-too-large', place, {
        message: `The patches of the build look at objects more than ${String(maxPatchings)} times in all; the rest of them was not applied.`,
        fix: 'Put the changes into the objects, or select fewer of them.',
      });
    return false;
  }

  /** A component's transformers run over what the including level has gathered so far, and over its own resources. */
  #applyComponent(
    objects: Building[],
    file: RepoPath,
    directory: RepoPath,
    from: Where,
    depth: number,
  ): void {
    const stream = this.#files.parse(file);
    if (stream === undefined) return;
    const level = asKustomization(stream, file);
    if (level === undefined) {
      this.#files.isPartial = true;
      this.#refuseFile(file, stream);
      return;
    }
    const kind = stringAt(level.value, level.key('kind')) ?? 'Kustomization';
    if (kind !== 'Component')
      this.#files.refuse('kustomize-component', from(), {
        message: refusedBuild(`expected kind 'Component' for path '${directory}' but got '${kind}'`),
        fix: 'List it under resources, or make it a Component.',
      });
    this.#checkFields(level, false, stream);
    if (this.#open.has(file) || depth > maxDepth) {
      this.#files.refuse('kustomize-cycle', from(), {
        message: `${file} includes itself.`,
        fix: 'Break the cycle.',
      });
      return;
    }
    this.#open.add(file);
    this.#readResources(objects, level, directory, depth + 1);
    this.#applyLevel(objects, level, directory, depth + 1);
    this.#open.delete(file);
  }

  #readEntry(
    written: JsonValue,
    place: Where,
    directory: RepoPath,
    depth: number,
    seen: Set<string>,
  ): Building[] {
    // What is neither is said of the file's fields.
    if (isObject(written) || isList(written)) return [];
    const entry = written === null ? '' : String(written);
    if (isRemote(entry)) {
      this.#files.noteRemote(entry, place());
      return [];
    }
    const path = joinRepoPath(directory, entry);
    if (entry === '') {
      this.#files.missing(entry, place());
      return [];
    }
    if (path === undefined) {
      this.#files.refuse('kustomize-outside-repository', place(), {
        message: `"${entry}" leads out of the repository.`,
        fix: 'Refer to files of this repository only.',
      });
      return [];
    }
    if (seen.has(path)) {
      this.#files.refuse('kustomize-duplicate-resource', place(), {
        message: `"${entry}" is listed twice; kustomize refuses to build that.`,
        fix: 'Remove one of the two entries.',
      });
      return [];
    }
    seen.add(path);
    if (this.#snapshot.links.has(path)) {
      this.#files.refuse('kustomize-link', place(), {
        message: `"${entry}" is a symbolic link or a submodule, which is not followed.`,
        fix: 'Refer to the file itself.',
      });
      return [];
    }
    if (this.#snapshot.paths.has(path)) return this.#files.objectsIn(path);
    if (kustomizationFilesIn(this.#snapshot, path).length > 0)
      return this.readDirectory(path, place, depth + 1);
    this.#files.missing(entry, place());
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
        join(this.#files.objectsIn(path), () => ({ file: path, line: 1, column: 1 }));
    }
    return objects;
  }

  /** What a level asks for that is not modelled: what it adds or changes is unknown. */
  #noteUnmodelled(level: KustomizationFile, names: readonly string[]): void {
    for (const name of names) {
      const key = level.key(name);
      if (listAt(level.value, key).length === 0) continue;
      this.#files.isPartial = true;
      const place = level.locationOf([key]);
      if (name.startsWith('helmChart'))
        this.#files.refuse('kustomize-helm-charts', place, {
          message:
            'Flux builds no charts of a kustomization: kustomize refuses the build: must specify --enable-helm.',
          fix: 'Use a HelmRelease, or commit the rendered chart.',
        });
      else this.#files.note('kustomize-not-modelled', place, `The effect of "${key}" is not evaluated.`);
    }
  }
}
