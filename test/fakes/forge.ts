import type { Draft } from '../../src/model/bundle.ts';
import type { RepoPath, RepositoryId } from '../../src/model/named.ts';
import type { BranchState, Forge, RepositoryState, Tree, UpsertResult } from '../../src/model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../../src/model/problem.ts';
import type { FileChange } from '../../src/model/snapshot.ts';
import type { Answer, Inspection, PullRequestQuestion, Question, Remark } from '../../src/model/survey.ts';

type Files = ReadonlyMap<RepoPath, string>;

interface Pull {
  readonly repository: RepositoryId;
  readonly number: number;
  readonly url: string;
  readonly draft: Draft;
  readonly createdAt: string;
  state: 'open' | 'merged' | 'closed';
  mergedAt: string | undefined;
  readonly remarks: Remark[];
}

/** Repositories and pull requests in memory, that people merge, comment and close. */
export class FakeForge implements Forge {
  readonly host = 'github.com';
  readonly drafts: Draft[] = [];
  readonly pulls: Pull[] = [];
  /** What the default branches hold, by repository; `acme/shop@v1` is a tag. */
  readonly repositories: Record<string, Readonly<Record<string, string>>>;
  /** Milliseconds since 1970. */
  now = Date.parse('2026-11-24T10:00:00Z');
  readonly #branches = new Map<string, Files>();

  constructor(repositories: Readonly<Record<string, Readonly<Record<string, string>>>>) {
    this.repositories = { ...repositories };
  }

  /** Days, hours: time that goes by. */
  passHours(hours: number): void {
    this.now += hours * 3_600_000;
  }

  /** The newest pull request of a target. */
  pull(target: string): Pull {
    const found = this.pulls.findLast(({ draft }) => draft.target === target);
    if (found === undefined) throw new Error(`${target} has no pull request`);
    return found;
  }

  /** Someone merges the newest pull request of a target. */
  merge(target: string): void {
    const pull = this.pull(target);
    this.repositories[pull.repository] = Object.fromEntries(
      changed(this.#base(pull.repository) ?? new Map(), pull.draft.changes),
    );
    pull.state = 'merged';
    pull.mergedAt = this.#date();
    this.#branches.delete(`${pull.repository} ${pull.draft.branch}`);
  }

  /** Someone says something of the newest pull request of a target. */
  say(target: string, text: string, isMaintainer = true): void {
    this.pull(target).remarks.push({ kind: 'comment', by: 'alice', isMaintainer, at: this.#date(), text });
  }

  #date(): string {
    return new Date(this.now).toISOString();
  }

  #base(repository: string): Files | undefined {
    const files = this.repositories[repository];
    return files === undefined ? undefined : new Map(Object.entries(files) as [RepoPath, string][]);
  }

  state(
    repository: RepositoryId,
    _base: unknown,
    branch: string | undefined,
  ): Promise<Outcome<RepositoryState>> {
    const base = this.#base(repository);
    if (base === undefined) return Promise.resolve(failure(missing(repository)));
    const files = this.#branches.get(`${repository} ${branch ?? ''}`);
    const open = this.pulls.find(
      (pull) => pull.repository === repository && pull.draft.branch === branch && pull.state === 'open',
    );
    return Promise.resolve(
      success({
        repository,
        baseBranch: 'main',
        base: treeOf('c0ffee', base),
        branch: files === undefined ? undefined : branchState(branch ?? '', base, files, open),
      }),
    );
  }

  tree(repository: RepositoryId, ref: string): Promise<Outcome<Tree>> {
    const files = this.#base(`${repository}@${ref}`);
    return Promise.resolve(files === undefined ? failure(missing(ref)) : success(treeOf('c0ffee', files)));
  }

  upsert(draft: Draft): Promise<Outcome<UpsertResult>> {
    const { repository, branch } = draft;
    this.drafts.push(draft);
    const open = this.pulls.find(
      (pull) => pull.repository === repository && pull.draft.branch === branch && pull.state === 'open',
    );
    if (open !== undefined) return Promise.resolve(success({ outcome: 'unchanged', url: open.url }));
    const number = this.pulls.filter((pull) => pull.repository === repository).length + 1;
    const url = `https://forge.example/${repository}/${String(number)}`;
    const createdAt = this.#date();
    this.pulls.push({
      repository,
      number,
      url,
      draft,
      createdAt,
      state: 'open',
      mergedAt: undefined,
      remarks: [],
    });
    this.#branches.set(
      `${repository} ${branch}`,
      changed(this.#base(repository) ?? new Map(), draft.changes),
    );
    return Promise.resolve(success({ outcome: 'opened', url }));
  }

  survey(questions: readonly Question[]): Promise<readonly Outcome<Answer>[]> {
    return Promise.resolve(
      questions.map(({ repository, file, branches }) => {
        const base = this.#base(repository);
        if (base === undefined) return failure(missing(repository));
        const records = branches.map((branch) => {
          const own = this.pulls.filter(
            (each) => each.repository === repository && each.draft.branch === branch,
          );
          const exists = this.#branches.has(`${repository} ${branch}`);
          return [branch, { exists, pullRequests: [...own].reverse() }] as const;
        });
        return success({ text: base.get(file), branches: new Map(records) });
      }),
    );
  }

  inspect(places: readonly PullRequestQuestion[]): Promise<readonly Outcome<Inspection>[]> {
    return Promise.resolve(
      places.map((place) => {
        const pull = this.pulls.find(
          (each) => each.repository === place.repository && each.number === place.number,
        );
        if (pull === undefined) return failure(missing(place.repository));
        const { body, labels, reviewers, digest, changes } = pull.draft;
        return success({
          mergedAt: pull.mergedAt,
          remarks: pull.remarks,
          body,
          labels,
          reviewers,
          text: changes.find(({ path }) => path === place.file)?.after,
          holds: digest,
        });
      }),
    );
  }

  close(repository: RepositoryId, number: number, comment: string): Promise<Outcome<void>> {
    const pull = this.pulls.find((each) => each.repository === repository && each.number === number);
    if (pull === undefined) return Promise.resolve(failure(missing(repository)));
    pull.remarks.push({
      kind: 'comment',
      by: 'meshwright',
      isMaintainer: true,
      at: this.#date(),
      text: comment,
    });
    pull.state = 'closed';
    return Promise.resolve(success(undefined));
  }
}

/** A branch of one commit that is ours. */
function branchState(name: string, base: Files, files: Files, pullRequest: Pull | undefined): BranchState {
  const paths = [...new Set([...base.keys(), ...files.keys()])];
  const modeIn = (tree: Files, path: RepoPath) => (tree.has(path) ? '100644' : undefined);
  const changes = paths
    .filter((path) => base.get(path) !== files.get(path))
    .map((path) => ({ path, modeBefore: modeIn(base, path), modeAfter: modeIn(files, path) }));
  const diff = { from: treeOf('c0ffee', base), to: treeOf('beef', files), changes };
  return { name, tree: diff.to, diff, first: diff, othersCommits: false, pullRequest, merged: false };
}

function changed(files: Files, changes: readonly FileChange[]): Files {
  const next = new Map(files);
  for (const { path, after } of changes)
    if (after === undefined) next.delete(path);
    else next.set(path, after);
  return next;
}

function missing(name: string): Problem {
  return { rule: 'forge-not-found', severity: 'error', message: `There is no ${name}.` };
}

export function treeOf(revision: string, files: Files): Tree {
  return {
    revision,
    snapshot: { paths: new Set(files.keys()), links: new Set(), files: new Map(), unreadable: new Set() },
    read: (paths) =>
      Promise.resolve(
        success({
          files: new Map(paths.map((path) => [path, files.get(path) ?? ''] as const)),
          unreadable: new Set<RepoPath>(),
        }),
      ),
  };
}
