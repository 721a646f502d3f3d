import type { BuiltCluster, ClusterEntry, Repositories } from '../flux/build.ts';
import { hostedRepository } from '../flux/source-url.ts';
import type { Fleet } from '../model/fleet.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import type { Forge, Tree } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import { withChanges, type FileChange, type Reading, type Snapshot } from '../model/snapshot.ts';
import { readAgain, readCluster, type RepositoryStore } from './read-cluster.ts';
import { checkoutOf, readMissing, readUntil, type Checkout } from './read-until.ts';

/** Where base branches are read. */
export type RepositorySource = Pick<Forge, 'host' | 'state'>;

/** What is known of the repositories of a forge, whatever the step of a plan. */
interface Opened {
  /** The branch that is read of each. */
  readonly branches: Map<RepositoryId, string>;
  /** Why some can't be read. */
  readonly refused: Map<RepositoryId, string>;
  /** As the fleet writes them, by their names in lower case: a URL may write them otherwise. */
  readonly names: ReadonlyMap<string, RepositoryId>;
}

function namesOf({ targets }: Fleet): ReadonlyMap<string, RepositoryId> {
  const all = targets.flatMap((target) =>
    target.kind === 'cluster' ? [target.repository] : target.specs.map(({ repository }) => repository),
  );
  return new Map(all.map((each) => [each.toLowerCase(), each]));
}

/** The repositories of a fleet at one step of a plan; immutable but for the files it has read so far. */
export class Checkouts implements RepositoryStore {
  readonly repositories: Repositories = {
    repositoryOf: (url) => this.#repositoryOf(url),
    snapshotOf: (repository) => this.#snapshotOf(repository),
  };
  readonly #forge: RepositorySource;
  readonly #fleet: Fleet;
  readonly #known: Map<RepositoryId, Checkout>;
  readonly #opened: Opened;
  /** Clusters as they were built last, by their entry, and the repositories that changed since. */
  readonly #clusters: Map<string, BuiltBefore>;

  constructor(
    forge: RepositorySource,
    fleet: Fleet,
    known: ReadonlyMap<RepositoryId, Checkout> = new Map(),
    opened: Opened = { branches: new Map(), refused: new Map(), names: namesOf(fleet) },
    clusters: ReadonlyMap<string, BuiltBefore> = new Map(),
  ) {
    this.#forge = forge;
    this.#fleet = fleet;
    this.#known = new Map(known);
    this.#opened = opened;
    this.#clusters = new Map(clusters);
  }

  /** The same repositories, for changes of their own. */
  copy(): Checkouts {
    return new Checkouts(this.#forge, this.#fleet, this.#known, this.#opened, this.#clusters);
  }

  async of(repository: RepositoryId): Promise<Outcome<Checkout>> {
    const known = this.#known.get(repository);
    if (known !== undefined) return success(known);
    const state = await this.#forge.state(repository, this.#fleet.forge.baseBranch, undefined);
    if (!state.ok) return state;
    const checkout = checkoutOf(state.value.base);
    this.#known.set(repository, checkout);
    if (state.value.baseBranch !== '') this.#opened.branches.set(repository, state.value.baseBranch);
    return success(checkout);
  }

  async open(repository: RepositoryId, paths: readonly RepoPath[]): Promise<void> {
    const checkout = await this.of(repository);
    const read = checkout.ok ? await readMissing(checkout.value, paths) : checkout;
    if (!read.ok || !checkout.ok)
      this.#opened.refused.set(repository, read.problems[0]?.message ?? 'the forge refuses it');
    else this.#known.set(repository, { tree: checkout.value.tree, snapshot: read.value });
  }

  #repositoryOf(url: string): RepositoryId | undefined {
    const found = hostedRepository(url);
    const { host } = this.#forge;
    if (found === undefined || (host !== undefined && found.host !== host)) return undefined;
    return this.#opened.names.get(found.repository.toLowerCase()) ?? found.repository;
  }

  #snapshotOf(repository: RepositoryId): ReturnType<Repositories['snapshotOf']> {
    const known = this.#known.get(repository);
    const refused = this.#opened.refused.get(repository);
    if (refused !== undefined || known === undefined) return refused;
    return { snapshot: known.snapshot, branch: this.#opened.branches.get(repository) };
  }

  /** What a look at a repository finds, which may take more files of it. */
  async read<T>(repository: RepositoryId, look: (snapshot: Snapshot) => Reading<T>): Promise<Outcome<T>> {
    const checkout = await this.of(repository);
    if (!checkout.ok) return checkout;
    const found = await readUntil(checkout.value, look);
    if (!found.ok) return found;
    this.#known.set(repository, { tree: checkout.value.tree, snapshot: found.value.snapshot });
    return success(found.value.value);
  }

  /** A cluster as Flux builds it at this step: of what was built before, only what is of changed repositories. */
  async cluster(entry: ClusterEntry): Promise<BuiltCluster> {
    const key = `${entry.repository} ${entry.directory}`;
    const before = this.#clusters.get(key);
    let built = before?.built ?? (await readCluster(entry, this));
    for (const repository of before?.changed ?? []) built = await readAgain(entry, built, repository, this);
    this.#clusters.set(key, { built, changed: [] });
    return built;
  }

  /** Keeps what a plan has read, and its changes as if they were merged. */
  change(repository: RepositoryId, tree: Tree, read: Snapshot, changes: readonly FileChange[]): void {
    const known = this.#known.get(repository);
    const snapshot = withChanges(read, changes);
    // The same commit as it is, which another look has read more of.
    if (
      known?.tree.revision === tree.revision &&
      snapshot === tree.snapshot &&
      known.snapshot.paths === known.tree.snapshot.paths
    )
      return;
    this.#known.set(repository, { tree, snapshot });
    for (const [key, { built, changed }] of this.#clusters)
      this.#clusters.set(key, { built, changed: [...new Set([...changed, repository])] });
  }
}

interface BuiltBefore {
  readonly built: BuiltCluster;
  readonly changed: readonly RepositoryId[];
}
