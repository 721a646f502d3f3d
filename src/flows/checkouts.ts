import type { RepoPath, RepositoryId } from '../model/named.ts';
import type { Forge, Tree } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import { withChanges, withFiles, type FileChange, type Snapshot } from '../model/snapshot.ts';

/** A repository at its base branch, with changes that nobody has written. */
export interface Checkout {
  readonly tree: Tree;
  readonly snapshot: Snapshot;
}

/** The repositories of a fleet at one step of a plan; immutable but for the files it has read so far. */
export class Checkouts {
  readonly #forge: Forge;
  readonly #base: string | undefined;
  readonly #known: Map<RepositoryId, Checkout>;

  constructor(
    forge: Forge,
    base: string | undefined,
    known: ReadonlyMap<RepositoryId, Checkout> = new Map(),
  ) {
    this.#forge = forge;
    this.#base = base;
    this.#known = new Map(known);
  }

  /** The same repositories, for changes of their own. */
  copy(): Checkouts {
    return new Checkouts(this.#forge, this.#base, this.#known);
  }

  async of(repository: RepositoryId): Promise<Outcome<Checkout>> {
    const known = this.#known.get(repository);
    if (known !== undefined) return success(known);
    const state = await this.#forge.state(repository, this.#base, undefined);
    if (!state.ok) return state;
    const checkout = { tree: state.value.base, snapshot: state.value.base.snapshot };
    this.#known.set(repository, checkout);
    return success(checkout);
  }

  /** Reads more files; those that are not there stay unknown.
   *  @returns false when there was nothing new to read */
  async read(repository: RepositoryId, paths: readonly RepoPath[]): Promise<Outcome<boolean>> {
    const checkout = await this.of(repository);
    if (!checkout.ok) return checkout;
    const { tree, snapshot } = checkout.value;
    const missing = paths.filter((path) => !snapshot.files.has(path) && !snapshot.unreadable.has(path));
    if (missing.length === 0) return success(false);
    const read = await tree.read(missing);
    if (!read.ok) return read;
    this.#known.set(repository, { tree, snapshot: withFiles(snapshot, read.value) });
    return success(true);
  }

  /** Keeps what a plan has read, and its changes as if they were merged. */
  change(repository: RepositoryId, tree: Tree, read: Snapshot, changes: readonly FileChange[]): void {
    this.#known.set(repository, { tree, snapshot: withChanges(read, changes) });
  }
}
