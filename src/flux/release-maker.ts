import { listIn } from '../model/list-in.ts';
import { keyOf } from '../model/key-of.ts';
import type { ChartAnswer, ChartRequest } from '../model/charts.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import { customKinds } from './api-versions.ts';
import type { Build, ClusterEntry, Repositories } from './build.ts';
import { chartFiles } from './chart-files.ts';
import type { BuiltObject, SourceReference } from './flux-object.ts';
import { helmRelease, type ChartTemplate, type HelmRelease } from './helm-release.ts';
import { releaseBuild, type ChartInGit, type ReleaseResult, type ReleaseSetting } from './release-builds.ts';
import { sourceView } from './source-view.ts';

/** What a chart is rendered for where nobody says: a cluster of Kubernetes that Flux and Istio of today support. */
const usualKubernetes = '1.34.0';

/** Where a path of a source is, or why that is not known. */
type Locate = (
  wanted: { readonly source: SourceReference; readonly path: RepoPath },
  from: BuiltObject | undefined,
) => { readonly repository: RepositoryId; readonly directory: RepoPath } | string;

/** By the HelmRelease, which is the very same object as long as what builds it is; of each the states that were met last. */
const remembered = new WeakMap<Manifest, Map<string, Build>>();
const maxStates = 8;

/** Builds what the charts of a cluster bring: one build for each HelmRelease. */
export class ReleaseMaker {
  /** Charts that must be rendered before the cluster is whole. */
  readonly charts = new Map<string, ChartRequest>();
  readonly #entry: ClusterEntry;
  readonly #repositories: Repositories;
  readonly #locate: Locate;
  readonly #needs: Map<RepositoryId, RepoPath[]>;
  /** The last build of each release whose chart was rendered. */
  readonly #last = new Map<string, Build>();
  /** Collected once: by its files a chart is known again. */
  readonly #collected = new Map<string, ChartInGit>();

  /** @param needs  takes what must be read */
  constructor(
    entry: ClusterEntry,
    repositories: Repositories,
    locate: Locate,
    needs: Map<RepositoryId, RepoPath[]>,
  ) {
    this.#entry = entry;
    this.#repositories = repositories;
    this.#locate = locate;
    this.#needs = needs;
  }

  /** The releases among the objects of some builds; one that two builds have counts once. The same inputs give the very same
   *  builds. */
  builds(
    before: readonly Build[],
    sources: ReadonlyMap<string, BuiltObject>,
    manifests: readonly Manifest[],
  ): readonly Build[] {
    this.charts.clear();
    // Where nobody renders, a HelmRelease stands for what it brings, as it always did.
    if (this.#repositories.chartOf === undefined) return [];
    const found = new Map<string, Build>();
    let setting: ReleaseSetting | undefined;
    for (const owner of before)
      for (const object of owner.objects) {
        const release = helmRelease(object);
        const id = release === undefined ? '' : `HelmRelease ${release.namespace}/${release.name}`;
        if (release === undefined || found.has(id)) continue;
        setting ??= {
          sources,
          manifests,
          kinds: customKinds(manifests),
          kubernetesVersion: this.#entry.kubernetesVersion ?? usualKubernetes,
          chartIn: (template, source, path) => this.#chartIn(template, source, path),
        };
        found.set(id, this.#build(id, release, owner, setting));
      }
    return [...found.values()];
  }

  #build(id: string, release: HelmRelease, owner: Build, setting: ReleaseSetting): Build {
    const attempt = releaseBuild(release, setting);
    const about = [id, owner.id, JSON.stringify(release.manifest.built)] as const;
    const known = remembered.get(release.manifest) ?? new Map<string, Build>();
    remembered.set(release.manifest, known);
    const once = (key: string, make: () => ReleaseResult) => {
      const build = known.get(key) ?? asBuild(id, release, owner, make());
      known.set(key, build);
      const [oldest] = known.keys();
      if (known.size > maxStates && oldest !== undefined) known.delete(oldest);
      return build;
    };
    if (attempt.result !== undefined) {
      const { result } = attempt;
      return once(keyOf(...about, result.state, result.why), () => result);
    }
    const { request } = attempt;
    const answer = this.#repositories.chartOf?.(request);
    if (answer === undefined) {
      this.charts.set(request.key, request);
      // What it brought before may be why it is asked for again: a chart can define kinds that it asks for.
      const last = this.#last.get(id);
      if (last !== undefined) return last;
    }
    const build = once(keyOf(...about, request.key, attempt.key, answer?.kind), () =>
      attempt.finish(answer ?? pending),
    );
    if (answer !== undefined) this.#last.set(id, build);
    return build;
  }

  #chartIn(template: ChartTemplate, source: BuiltObject | undefined, path: RepoPath): ChartInGit {
    const where = this.#locate({ source: template.source, path }, source);
    if (typeof where === 'string')
      return { kind: 'unknown', why: where.replace(/^its source/, "its chart's source") };
    const { repository, directory } = where;
    const key = keyOf(
      repository,
      directory,
      JSON.stringify(template),
      JSON.stringify(source?.manifest.built),
    );
    const known = this.#collected.get(key);
    if (known !== undefined) return known;
    const read = this.#repositories.snapshotOf(repository);
    if (typeof read === 'string') return { kind: 'unknown', why: `${repository} can't be read: ${read}` };
    const missing = listIn(this.#needs, repository);
    if (read === undefined) return unread;
    const view = sourceView(read.snapshot, source?.manifest.built);
    const reading = view.value === undefined ? view : chartFiles(view.value.snapshot, directory, template);
    if (reading.value === undefined) {
      missing.push(...reading.needs);
      return unread;
    }
    if (missing.length === 0) this.#needs.delete(repository);
    const chart = { ...reading.value, repository };
    this.#collected.set(key, chart);
    return chart;
  }
}

const unread: ChartInGit = { kind: 'unknown', why: 'its chart was not read' };
const pending: ChartAnswer = { kind: 'impossible', why: 'its chart was not rendered', fix: 'Render it' };

/** Its place is that of the HelmRelease: what is to change about it changes there. */
function asBuild(id: string, release: HelmRelease, owner: Build, result: ReleaseResult): Build {
  const { kustomization, repository, directory, variables } = owner;
  const { manifests, reads, ...rest } = result;
  return {
    ...rest,
    id,
    release,
    kustomization,
    repository,
    directory,
    variables,
    objects: manifests.map((manifest) => ({ repository: release.repository, manifest })),
    reads: new Set(reads?.repository === repository ? reads?.paths : []),
  };
}
