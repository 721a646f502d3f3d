import { kustomizationNames, readEntries } from '../kustomize/kustomization.ts';
import { readTree } from '../kustomize/read-tree.ts';
import { isObject } from '../model/json.ts';
import type { RepoPath } from '../model/named.ts';
import { distinct, type Problem } from '../model/problem.ts';
import { baseName, directoryOf, isBelow } from '../model/repo-path.ts';
import type { Resource } from '../model/resource.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import { readYaml } from '../yaml/read.ts';
import { resourceOfManifest, resourcesOfDocument, type Origin } from './resource.ts';
import { isTestData, type FolderBuild } from './possible-clusters.ts';

/** A folder with manifests, read for rules or for the simulator. */
export interface ManifestFolder {
  readonly snapshot: Snapshot;
  /** What the user calls a file or folder of it. */
  readonly nameOf: (path: RepoPath) => string;
  /** Only what is built from, or lies in, these; empty: everything. */
  readonly paths: readonly RepoPath[];
  /** What is known of directories that the fleet declares. */
  readonly targets: ReadonlyMap<RepoPath, { readonly namespace: string; readonly environment: string }>;
}

export interface GatheredManifests {
  readonly builds: readonly FolderBuild[];
  readonly problems: readonly Problem[];
  /** Every file that was read as YAML, as it is shown. */
  readonly files: readonly string[];
}

/** Reads a folder of manifests of any layout: kustomizations as they build, everything else as it lies there. Helm charts'
 *  templates and other placeholders are left out with a note; what is not YAML is a problem with its place. */
export function gather(source: ManifestFolder): Reading<GatheredManifests> {
  const { snapshot, nameOf } = source;
  const candidates = [...snapshot.paths].filter(isYaml).sort();
  const charts = chartsIn(snapshot);
  const manifests = candidates.filter((path) => !isChartTemplate(path, charts) && isWanted(path, source));
  const missing = manifests.filter((path) => !snapshot.files.has(path) && !snapshot.unreadable.has(path));
  if (missing.length > 0) return { needs: missing };
  const reader = new ManifestReader(source);
  for (const chart of charts)
    if (candidates.some((path) => isBelow(path, chart) && isWanted(path, source)))
      reader.problems.push(
        note(
          'helm-chart-skipped',
          nameOf(chart),
          'A Helm chart was skipped: it is not a manifest until it is rendered.',
          'Lint the output of helm template.',
        ),
      );
  const roots = rootsIn(source, manifests);
  const needs = roots.flatMap((root) => reader.readRoot(root));
  if (needs.length > 0) return { needs };
  reader.readLoose(manifests);
  return known({
    builds: reader.builds,
    problems: distinct(reader.problems),
    files: [...reader.files].map(nameOf),
  });
}

/** Folders that begin with a dot hold other tools' configuration and caches. */
const foreign = /(^|\/)\.[^/]+\//;

function isYaml(path: RepoPath): boolean {
  return (/\.ya?ml$/.test(path) || isKustomization(path)) && !foreign.test(path);
}

function isKustomization(path: RepoPath): boolean {
  const names: readonly string[] = kustomizationNames;
  return names.includes(baseName(path));
}

function chartsIn(snapshot: Snapshot): readonly RepoPath[] {
  const found = new Set(
    [...snapshot.paths].filter((path) => /^Chart\.ya?ml$/.test(baseName(path))).map(directoryOf),
  );
  // A chart inside another is a part of it.
  const isInner = (chart: RepoPath): boolean => {
    for (let at = chart; at !== '';) if (found.has((at = directoryOf(at)))) return true;
    return false;
  };
  return [...found].filter((chart) => !isInner(chart)).sort();
}

/** A chart's templates, its values, and the charts inside it. */
function isChartTemplate(path: RepoPath, charts: readonly RepoPath[]): boolean {
  return charts.some((chart) => isBelow(path, chart) && !path.startsWith(`${chart}/crds/`));
}

function isWanted(path: RepoPath, { paths }: ManifestFolder): boolean {
  return paths.length === 0 || paths.some((each) => isBelow(path, each));
}

/** Directories that something outside of this folder builds: with a kustomization that no other one here includes. */
function rootsIn({ snapshot }: ManifestFolder, manifests: readonly RepoPath[]): readonly RepoPath[] {
  const included = new Set<RepoPath>();
  const found: RepoPath[] = [];
  for (const file of manifests.filter(isKustomization)) {
    const read = readEntries(snapshot, file);
    if (read === undefined) continue;
    for (const each of read.includes) included.add(each);
    if (!read.isComponent) found.push(directoryOf(file));
  }
  const outer = [...new Set(found)].filter((directory) => !included.has(directory));
  // Directories that include each other have no root, and are still to be told about.
  return outer.length > 0 ? outer : found.slice(0, 1);
}

class ManifestReader {
  readonly builds: FolderBuild[] = [];
  readonly problems: Problem[] = [];
  readonly files = new Set<RepoPath>();
  readonly #source: ManifestFolder;

  constructor(source: ManifestFolder) {
    this.#source = source;
  }

  /** @returns files to be read first */
  readRoot(directory: RepoPath): readonly RepoPath[] {
    const { snapshot, nameOf, targets } = this.#source;
    const reading = readTree(snapshot, directory);
    if (reading.value === undefined) return reading.needs;
    const tree = reading.value;
    const target = targets.get(directory);
    const origin: Origin = { nameOf, namespace: target?.namespace };
    for (const path of tree.reads) this.files.add(path);
    this.problems.push(
      ...tree.problems.map((problem) =>
        problem.file === undefined ? problem : { ...problem, file: nameOf(problem.file as RepoPath) },
      ),
    );
    const resources = tree.manifests.map((manifest) => resourceOfManifest(manifest, origin));
    this.builds.push(buildOf(nameOf(directory), target?.environment, resources));
    return [];
  }

  /** What no kustomization builds: each folder together, or each file by itself where a folder holds alternatives. */
  readLoose(manifests: readonly RepoPath[]): void {
    const folders = new Map<
      RepoPath,
      { readonly path: RepoPath; readonly resources: readonly Resource[] }[]
    >();
    for (const path of manifests) {
      if (this.files.has(path) || isKustomization(path)) continue;
      this.files.add(path);
      const resources = this.#readFile(path);
      if (resources.length === 0) continue;
      const folder = directoryOf(path);
      folders.set(folder, [...(folders.get(folder) ?? []), { path, resources }]);
    }
    for (const [folder, files] of folders) this.#addFolder(folder, files);
  }

  #addFolder(
    folder: RepoPath,
    files: readonly { readonly path: RepoPath; readonly resources: readonly Resource[] }[],
  ): void {
    const { nameOf, targets } = this.#source;
    const environment = targets.get(folder)?.environment;
    const whole = files.flatMap(({ resources }) => resources);
    // Versions of an API are ways to write the same object.
    const names = whole.map(({ group, kind, namespace, name }) => [group, kind, namespace, name].join(' '));
    const isOne = new Set(names).size === names.length;
    const single = files.map(({ path, resources }) => buildOf(nameOf(path), environment, resources));
    if (!isOne) this.builds.push(...single);
    else if (isTestData(nameOf(folder))) {
      const resources = single.flatMap((build) => build.resources);
      this.builds.push({ directory: nameOf(folder), environment, resources });
    } else this.builds.push(buildOf(nameOf(folder), environment, whole));
  }

  #readFile(path: RepoPath): readonly Resource[] {
    const { snapshot, nameOf, targets } = this.#source;
    const text = snapshot.files.get(path);
    const shown = nameOf(path);
    if (text === undefined && snapshot.tooLarge?.has(path) === true) {
      this.problems.push({
        rule: 'file-too-large',
        severity: 'error',
        message: 'The file is larger than 16 MiB, so it was not read, and nothing is known of what it holds.',
        fix: 'Divide it, or take it out of the folder that is linted.',
        file: shown,
        line: 1,
        column: 1,
      });
      return [];
    }
    if (text === undefined) {
      this.problems.push(note('file-not-text', shown, 'The file is not UTF-8 text and was skipped.'));
      return [];
    }
    const read = readYaml(text, shown);
    if (!read.ok) {
      if (isTemplate(text))
        this.problems.push(
          note(
            'template-skipped',
            shown,
            'The file has placeholders and was skipped: it is not a manifest until they are filled in.',
            'Lint the rendered file.',
          ),
        );
      else this.problems.push(...read.problems);
      return [];
    }
    const namespace = targets.get(directoryOf(path))?.namespace;
    return read.value.documents.flatMap((document) => {
      // Of what SOPS has encrypted only a Secret's name can be read.
      const { value } = document;
      if (isObject(value) && isObject(value.sops) && value.kind !== 'Secret') return [];
      return resourcesOfDocument(document, shown, namespace);
    });
  }
}

function buildOf(
  directory: string,
  environment: string | undefined,
  resources: readonly Resource[],
): FolderBuild {
  return { directory, environment, resources: resources.map((each) => ({ ...each, build: directory })) };
}

/** Whether text that is not YAML has placeholders of some template: `{{ x }}`, `{% x %}`, `<% x %>`, `__NAME__`, `{NAME}`. */
function isTemplate(text: string): boolean {
  return /\{\{|\{%|<%|__[A-Z][A-Z0-9_]*__|\{[A-Z][A-Z0-9_]*\}/.test(text);
}

function note(rule: string, file: string, message: string, fix?: string): Problem {
  return { rule, severity: 'info', message, ...(fix !== undefined && { fix }), file, line: 1, column: 1 };
}
