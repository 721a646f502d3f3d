import type { RepoPath } from '../model/named.ts';
import type { PathChange } from '../model/ports.ts';
import { parseRepoPath } from '../model/repo-path.ts';
import { parseTree, textOf, treeMode, type TreeEntry } from './git-objects.ts';
import { present, type ObjectSource } from './object-reader.ts';
import { GitError } from './git-run.ts';
import { Recent } from './recent.ts';

/** What a tree holds with everything below it. */
export interface Listing {
  readonly paths: ReadonlySet<RepoPath>;
  /** Links and submodules. */
  readonly links: ReadonlySet<RepoPath>;
  /** The id of each file's blob. */
  readonly blobs: ReadonlyMap<RepoPath, string>;
}

/** What was read of all repositories of a run. */
export class TreeMemory {
  /** By entries. */
  readonly trees = new Recent<readonly TreeEntry[]>(1_000_000);
  /** By files. */
  readonly listings = new Recent<Listing>(1_000_000);
}

/** Names that lead to a tree of trees that are all the same write a terabyte of paths with a few objects. Nobody's
 *  repository has as many characters of paths as this. */
const mostCharacters = 128 * 1024 * 1024;
/** What an entry counts for besides its path. */
const ofEntry = 40;
/** Git's own limit, core.maxTreeDepth. */
const mostDeep = 2048;

/** Reads the trees of one repository, each once as long as there is room to remember it. */
export class GitTrees {
  readonly #repository: string;
  readonly #memory: TreeMemory;
  readonly #most: number;
  readonly #deepest: number;

  /** @param repository  its URL: what another one has is not remembered for it
   *  @param most  characters of all paths of one tree, with 40 for each entry
   *  @param deepest  folders within each other */
  constructor(repository: string, memory: TreeMemory, most = mostCharacters, deepest = mostDeep) {
    this.#deepest = deepest;
    this.#repository = repository;
    this.#memory = memory;
    this.#most = most;
  }

  /** All files below a tree, in git's order. */
  async list(tree: string, objects: ObjectSource): Promise<Listing> {
    const key = `${this.#repository} ${tree}`;
    const known = this.#memory.listings.get(key);
    if (known !== undefined) return known;
    const trees = await this.#below([tree], objects);
    const paths = new Set<RepoPath>();
    const links = new Set<RepoPath>();
    const blobs = new Map<RepoPath, string>();
    this.#walk(trees, tree, (path, { mode, id }) => {
      const name = parseRepoPath(textOf(path));
      if (name === undefined) return;
      if (!mode.startsWith('100')) links.add(name);
      else {
        paths.add(name);
        blobs.set(name, id);
      }
    });
    const listing = { paths, links, blobs };
    this.#memory.listings.set(key, listing, paths.size + links.size + 1);
    return listing;
  }

  /** What git calls the mode of a path; undefined: there is none. */
  async modeAt(tree: string, path: RepoPath, objects: ObjectSource): Promise<string | undefined> {
    const parts = Buffer.from(path, 'utf8').toString('latin1').split('/');
    let at: TreeEntry | undefined = { name: '', mode: treeMode, id: tree };
    for (const part of parts) {
      if (at?.mode !== treeMode) return undefined;
      at = (await this.#entries([at.id], objects)).get(at.id)?.find(({ name }) => name === part);
    }
    return at?.mode;
  }

  /** The paths in which two trees differ, sorted; a name that one of them has twice counts as gone and come. */
  async diff(before: string, after: string, objects: ObjectSource): Promise<readonly PathChange[]> {
    const changes: { readonly path: string; readonly before?: TreeEntry; readonly after?: TreeEntry }[] = [];
    let room = this.#most;
    const charge = (path: string) => {
      room -= path.length + ofEntry;
      if (room < 0) throw tooLarge(after);
    };
    let level = [{ path: '', before, after }];
    for (let depth = 0; level.length > 0; depth++) {
      if (depth > this.#deepest) throw tooDeep(after);
      const trees = await this.#entries(
        level.flatMap((pair) => [pair.before, pair.after]),
        objects,
      );
      const next: typeof level = [];
      for (const pair of level) {
        const [old, now] = [trees.get(pair.before) ?? [], trees.get(pair.after) ?? []];
        for (const { one, other } of pairs(old, now)) {
          const path = `${pair.path}${one?.name ?? other?.name ?? ''}`;
          charge(path);
          if (one?.mode === treeMode && other?.mode === treeMode)
            next.push({ path: `${path}/`, before: one.id, after: other.id });
          else {
            if (one !== undefined && one.mode !== treeMode && other !== undefined && other.mode !== treeMode)
              changes.push({ path, before: one, after: other });
            else {
              for (const [side, entry] of [
                ['before', one],
                ['after', other],
              ] as const) {
                if (entry === undefined) continue;
                if (entry.mode !== treeMode) changes.push({ path, [side]: entry });
                else
                  this.#walk(
                    await this.#below([entry.id], objects),
                    entry.id,
                    (below, found) => {
                      charge(below);
                      changes.push({ path: below, [side]: found });
                    },
                    `${path}/`,
                  );
              }
            }
          }
        }
      }
      level = next;
    }
    return changes
      .sort((one, other) => (one.path < other.path ? -1 : Number(one.path > other.path)))
      .map((change) => ({
        path: textOf(change.path),
        modeBefore: change.before?.mode,
        modeAfter: change.after?.mode,
      }));
  }

  /** Visits everything below a tree that is no tree itself. */
  #walk(
    trees: ReadonlyMap<string, readonly TreeEntry[]>,
    root: string,
    visit: (path: string, entry: TreeEntry) => void,
    prefix = '',
  ): void {
    let room = this.#most;
    const stack = [{ path: prefix, entries: trees.get(root) ?? [], at: 0 }];
    for (;;) {
      const top = stack.at(-1);
      if (top === undefined) return;
      const entry = top.entries[top.at++];
      if (entry === undefined) {
        stack.pop();
        continue;
      }
      const path = `${top.path}${entry.name}`;
      room -= path.length + ofEntry;
      if (room < 0) throw tooLarge(root);
      if (entry.mode !== treeMode) visit(path, entry);
      else if (stack.length > this.#deepest) throw tooDeep(root);
      else stack.push({ path: `${path}/`, entries: trees.get(entry.id) ?? [], at: 0 });
    }
  }

  /** Trees with all trees below them. */
  async #below(
    roots: readonly string[],
    objects: ObjectSource,
  ): Promise<ReadonlyMap<string, readonly TreeEntry[]>> {
    const found = new Map<string, readonly TreeEntry[]>();
    let level: readonly string[] = roots;
    for (let depth = 0; level.length > 0; depth++) {
      if (depth > this.#deepest) throw tooDeep(roots[0] ?? '');
      const next = new Set<string>();
      for (const [id, entries] of await this.#entries(level, objects)) {
        found.set(id, entries);
        for (const entry of entries) if (entry.mode === treeMode) next.add(entry.id);
      }
      level = [...next].filter((id) => !found.has(id));
    }
    return found;
  }

  async #entries(
    ids: readonly string[],
    objects: ObjectSource,
  ): Promise<ReadonlyMap<string, readonly TreeEntry[]>> {
    const found = new Map<string, readonly TreeEntry[]>();
    const missing = new Set<string>();
    for (const id of ids) {
      const known = this.#memory.trees.get(`${this.#repository} ${id}`);
      if (known === undefined) missing.add(id);
      else found.set(id, known);
    }
    const asked = [...missing];
    const answers = await objects.read(asked);
    for (const [index, id] of asked.entries()) {
      const { type, bytes } = present(answers[index], id);
      const entries = type === 'tree' ? parseTree(bytes) : undefined;
      if (entries === undefined) throw new GitError(`fatal: ${id} is not a tree`);
      found.set(id, entries);
      this.#memory.trees.set(`${this.#repository} ${id}`, entries, entries.length + 1);
    }
    return found;
  }
}

/** The entries of two trees that differ, by name. */
function* pairs(
  before: readonly TreeEntry[],
  after: readonly TreeEntry[],
): Generator<{ readonly one: TreeEntry | undefined; readonly other: TreeEntry | undefined }> {
  const [old, now] = [byName(before), byName(after)];
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const [ones, others] = [old.get(name) ?? [], now.get(name) ?? []];
    if (
      ones.length === others.length &&
      ones.every(({ mode, id }, index) => others[index]?.mode === mode && others[index].id === id)
    )
      continue;
    if (ones.length <= 1 && others.length <= 1) yield { one: ones[0], other: others[0] };
    else {
      for (const one of ones) yield { one, other: undefined };
      for (const other of others) yield { one: undefined, other };
    }
  }
}

function byName(entries: readonly TreeEntry[]): ReadonlyMap<string, readonly TreeEntry[]> {
  const found = new Map<string, TreeEntry[]>();
  for (const entry of entries) {
    const same = found.get(entry.name);
    if (same === undefined) found.set(entry.name, [entry]);
    else same.push(entry);
  }
  return found;
}

function tooLarge(tree: string): GitError {
  return new GitError(`fatal: the paths below tree ${tree} are too many to read`);
}

function tooDeep(tree: string): GitError {
  return new GitError(`fatal: the folders of tree ${tree} lie too deep`);
}
