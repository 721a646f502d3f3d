import { isObject, listAt, stringAt, type JsonObject, type JsonValue } from '../model/json.ts';
import type { RepoPath } from '../model/named.ts';
import { pathsBelow } from '../model/paths.ts';
import { joinRepoPath } from '../model/repo-path.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import { documentValues } from '../yaml/documents.ts';
import { helmValues } from '../yaml/go-values.ts';
import type { ChartTemplate } from './helm-release.ts';

/** A chart of a Git repository as source-controller packs it, or why there is none. */
export type ChartFiles =
  | {
      readonly files: ReadonlyMap<RepoPath, string>;
      /** Every file of the repository that went into it. */
      readonly reads: readonly RepoPath[];
      readonly why?: never;
    }
  | {
      readonly files?: never;
      /** `failed`: source-controller refuses it too. */
      readonly kind: 'failed' | 'unknown';
      readonly why: string;
    };

/** No chart of a person has more. */
const maxFiles = 2000;
const maxLength = 16 * 1024 * 1024;

/** Collects the files of a chart: those of its folder, dependencies of the same repository in its `charts/`, and the values
 *  files of the HelmRelease in the place of its own values. Links never reach Flux, so they are not in a snapshot's files.
 *  @param directory  of the chart
 *  @see https://github.com/fluxcd/source-controller/blob/main/internal/helm/chart/builder_local.go */
export function chartFiles(
  snapshot: Snapshot,
  directory: RepoPath,
  template: ChartTemplate,
): Reading<ChartFiles> {
  const collector = new Collector(snapshot);
  const result = collector.collect(directory, template);
  return collector.needs.length > 0 ? { needs: collector.needs } : known(result);
}

class Collector {
  readonly needs: RepoPath[] = [];
  readonly #snapshot: Snapshot;
  readonly #files = new Map<RepoPath, string>();
  readonly #reads: RepoPath[] = [];

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  collect(directory: RepoPath, template: ChartTemplate): ChartFiles {
    const { paths } = this.#snapshot;
    if (!paths.has(within(directory, 'Chart.yaml')))
      return failed(`there is no chart at ${directory || 'the root'}: it has no Chart.yaml`);
    const why = this.#add(directory, '') ?? (this.needs.length > 0 ? 'not read' : undefined);
    if (why !== undefined) return { kind: 'unknown', why };
    const refusal = this.#dependencies(directory) ?? this.#values(template);
    if (refusal !== undefined) return refusal;
    const length = [...this.#files.values()].reduce((sum, text) => sum + text.length, 0);
    return length > maxLength
      ? { kind: 'unknown', why: 'the chart has more than 16 MiB' }
      : { files: this.#files, reads: this.#reads };
  }

  /** Takes the files below a folder, to stand below another one in the chart. */
  #add(directory: RepoPath, prefix: string): string | undefined {
    const found = pathsBelow(this.#snapshot.paths, directory);
    if (this.#files.size + found.length > maxFiles)
      return `the chart has more than ${String(maxFiles)} files`;
    for (const path of found) {
      const own = directory === '' ? path : path.slice(directory.length + 1);
      const text = this.#read(path);
      if (text !== undefined) this.#files.set(`${prefix}${own}` as RepoPath, text);
      else if (/^charts\/[^/]+\.tgz$/.test(own))
        return `its dependency ${own} is packed, and only its text could be read`;
    }
    return undefined;
  }

  /** What has no text, an icon for instance, is left out: no template of a manifest is in it. */
  #read(path: RepoPath): string | undefined {
    this.#reads.push(path);
    const text = this.#snapshot.files.get(path);
    if (text === undefined && !this.#snapshot.unreadable.has(path)) this.needs.push(path);
    return text;
  }

  #dependencies(directory: RepoPath): ChartFiles | undefined {
    const lists = ['Chart.lock', 'Chart.yaml', 'requirements.yaml'].map((name) =>
      listAt(this.#document(name as RepoPath), 'dependencies'),
    );
    const wanted = lists.find((list) => list.length > 0) ?? [];
    const there = new Set(
      [...this.#files.keys()]
        .filter((path) => /^charts\/[^/]+\/Chart\.yaml$/.test(path))
        .map((path) => stringAt(this.#document(path), 'name')),
    );
    for (const dependency of wanted) {
      const name = stringAt(dependency, 'name') ?? '';
      if (there.has(name)) continue;
      const refusal = this.#dependency(directory, name, dependency);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  #dependency(directory: RepoPath, name: string, dependency: JsonValue): ChartFiles | undefined {
    const from = stringAt(dependency, 'repository') ?? '';
    const isLocal = from.startsWith('file://');
    if (!isLocal)
      return from === ''
        ? failed(`its dependency ${name} is not in its charts folder`)
        : { kind: 'unknown', why: `its dependency ${name} is at ${from}, and not in its charts folder` };
    const place = joinRepoPath(directory, from.slice('file://'.length).replace(/^\/+/, ''));
    if (place === undefined || !/^[\w.-]+$/.test(name))
      return failed(`its dependency ${name} leads out of the repository: ${from}`);
    if (!this.#snapshot.paths.has(within(place, 'Chart.yaml')))
      return failed(`its dependency ${name} is not at ${place}`);
    const why = this.#add(place, `charts/${name}/`);
    if (why !== undefined) return { kind: 'unknown', why };
    const wanted = stringAt(dependency, 'version') ?? '';
    const version = stringAt(this.#document(`charts/${name}/Chart.yaml` as RepoPath), 'version');
    return /^\d+\.\d+\.\d+$/.test(wanted) && version !== undefined && version !== wanted
      ? failed(`its dependency ${name} has version ${version}, and ${wanted} is wanted`)
      : undefined;
  }

  /** The values files of a release replace the chart's own values. */
  #values({ valuesFiles, ignoresMissingValuesFiles }: ChartTemplate): ChartFiles | undefined {
    if (valuesFiles.length === 0) return undefined;
    let merged: JsonObject = {};
    for (const name of valuesFiles) {
      const path = joinRepoPath('' as RepoPath, name.replace(/^(?:\.?\/)+/, ''));
      if (path === undefined || !this.#snapshot.paths.has(path)) {
        if (ignoresMissingValuesFiles && path !== undefined) continue;
        return failed(`there is no values file ${name}`);
      }
      const text = this.#read(path);
      if (text === undefined) continue;
      const values = helmValues(text);
      if (typeof values === 'string') return failed(`${name} is not values: ${values}`);
      merged = mergedMaps(merged, values);
    }
    this.#files.set('values.yaml' as RepoPath, JSON.stringify(merged));
    return undefined;
  }

  #document(path: RepoPath): JsonValue {
    return documentValues(this.#files.get(path) ?? '')[0] ?? null;
  }
}

function within(directory: RepoPath, name: string): RepoPath {
  return (directory === '' ? name : `${directory}/${name}`) as RepoPath;
}

function failed(why: string): ChartFiles {
  return { kind: 'failed', why };
}

/** Maps merged, everything else replaced by the later. */
function mergedMaps(one: JsonObject, other: JsonObject): JsonObject {
  const merged = new Map(Object.entries(one));
  for (const [key, value] of Object.entries(other)) {
    const before = merged.get(key);
    merged.set(key, isObject(value) && isObject(before) ? mergedMaps(before, value) : value);
  }
  return Object.fromEntries(merged);
}
