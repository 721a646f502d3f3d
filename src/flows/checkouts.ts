import type { RepositoryId } from '../model/named.ts';
import type { Forge, Tree } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import { withChanges, type FileChange, type Reading, type Snapshot } from '../model/snapshot.ts';
import { checkoutOf, readUntil, type Checkout } from './read-until.ts';

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
    const checkout = checkoutOf(state.value.base);
    this.#known.set(repository, checkout);
    return success(checkout);
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

  /** Keeps what a plan has read, and its changes as if they were merged. */
  change(repository: RepositoryId, tree: Tree, read: Snapshot, changes: readonly FileChange[]): void {
    this.#known.set(repository, { tree, snapshot: withChanges(read, changes) });
  }
}
