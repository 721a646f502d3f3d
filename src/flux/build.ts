import type { JsonObject } from '../model/json.ts';
import type { Variables } from '../k8s/substitution.ts';
import type { ChartAnswer, ChartRequest } from '../model/charts.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { BuiltObject, FluxKustomization } from './flux-object.ts';
import type { HelmRelease } from './helm-release.ts';

/** What Flux makes of one path: objects as they are applied. */
export interface Build {
  /** `flux-system/apps`; empty for the entry, when no Kustomization in Git builds it. */
  readonly id: string;
  readonly kustomization: FluxKustomization | undefined;
  /** The HelmRelease whose chart this is; what else is here is of the build that has the HelmRelease. */
  readonly release?: HelmRelease;
  /** Where its path is; undefined: its source is not known. */
  readonly repository: RepositoryId | undefined;
  readonly directory: RepoPath | undefined;
  /** The source as built; undefined: Git does not show it. */
  readonly source?: JsonObject | undefined;
  /** `frozen`: it or its source is suspended, so that the cluster keeps what it had. `failed`: Flux refuses it, and the cluster
   *  keeps what it had; `objects` are what Git says nevertheless. `unknown`: what it builds could not be read. */
  readonly state: 'built' | 'frozen' | 'failed' | 'unknown';
  /** Why it is not simply built. */
  readonly why: string | undefined;
  readonly objects: readonly BuiltObject[];
  /** Every file of `repository` that the build reads. */
  readonly reads: ReadonlySet<RepoPath>;
  readonly variables: Variables;
  readonly problems: readonly Problem[];
}

/** All that a cluster gets from Git through Flux, as far as Git shows it. */
export interface BuiltCluster {
  readonly builds: readonly Build[];
  readonly problems: readonly Problem[];
}

/** Where a cluster begins: the directory that its root Kustomization builds. */
export interface ClusterEntry {
  readonly repository: RepositoryId;
  readonly directory: RepoPath;
  /** The source that stands for its repository, in flux-system; undefined: the one that `flux bootstrap` makes. */
  readonly source?: { readonly kind: string; readonly name: string };
  /** The version of Kubernetes that charts are rendered for: `1.34.0`; undefined: one of today. */
  readonly kubernetesVersion?: string;
}

/** The repositories of a forge, as far as they are read. */
export interface Repositories {
  /** The repository that a Git URL means; undefined: none of this forge. */
  repositoryOf(url: string): RepositoryId | undefined;
  /** A repository as it is read; a text: why it can't be read; undefined: it was not opened yet. */
  snapshotOf(repository: RepositoryId): RepositoryAt | string | undefined;
  /** What became of a chart; undefined: it was not rendered yet. Without this, none is. */
  readonly chartOf?: (request: ChartRequest) => ChartAnswer | undefined;
}

/** A repository at one revision. */
interface RepositoryAt {
  readonly snapshot: Snapshot;
  /** The branch that is read; undefined: a checkout, which shows whatever people checked out. */
  readonly branch: string | undefined;
}

/** A cluster, or what must be had first: files of repositories, repositories that were not opened, and, when all of these are
 *  there, charts. */
export type ClusterReading =
  | { readonly value: BuiltCluster; readonly needs?: never; readonly charts?: never }
  | {
      readonly value?: never;
      readonly needs: ReadonlyMap<RepositoryId, readonly RepoPath[]>;
      /** To be rendered; only when nothing must be read. */
      readonly charts?: readonly ChartRequest[];
    };

/** An object with the build that owns it. */
export interface OwnedObject extends BuiltObject {
  readonly build: Build;
}
