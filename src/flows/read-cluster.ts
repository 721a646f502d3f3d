import type { BuiltCluster, ClusterEntry, ClusterReading, Repositories } from '../flux/build.ts';
import { builtAgain, builtCluster } from '../flux/built-cluster.ts';
import type { ChartRequest } from '../model/charts.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';

/** Repositories that are opened and read as a cluster asks for them. */
export interface RepositoryStore {
  readonly repositories: Repositories;
  /** Opens a repository, and reads some of its files. What fails is kept as the reason why it can't be read, so that the
   *  rest of the cluster goes on. */
  readonly open: (repository: RepositoryId, paths: readonly RepoPath[]) => Promise<void>;
  /** Renders charts, which `repositories.chartOf` then has; without it, none is asked for. */
  readonly render?: (requests: readonly ChartRequest[]) => Promise<void>;
}

/** A cluster as Flux builds it from its entry, with as many repositories as it leads to. */
export function readCluster(entry: ClusterEntry, store: RepositoryStore): Promise<BuiltCluster> {
  return readAll(store, () => builtCluster(entry, store.repositories));
}

/** The same with other files in one repository. */
export function readAgain(
  entry: ClusterEntry,
  before: BuiltCluster,
  repository: RepositoryId,
  store: RepositoryStore,
): Promise<BuiltCluster> {
  return readAll(store, () => builtAgain(entry, before, store.repositories, repository));
}

async function readAll(store: RepositoryStore, look: () => ClusterReading): Promise<BuiltCluster> {
  let asked = '';
  for (;;) {
    const { value, needs, charts = [] } = look();
    if (value !== undefined) return value;
    const now = JSON.stringify([[...needs], charts.map(({ key }) => key)]);
    if (now === asked) throw new Error(`asks for files that it has: ${now}`);
    asked = now;
    for (const [repository, paths] of needs) await store.open(repository, paths);
    await store.render?.(charts);
  }
}
