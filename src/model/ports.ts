import type { Draft } from './bundle.ts';
import type { ChartAnswer, ChartRequest } from './charts.ts';
import type { RepositoryId } from './named.ts';
import type { Outcome } from './problem.ts';
import type { FileChange, ReadFiles, Snapshot } from './snapshot.ts';
import type { RepoPath } from './named.ts';
import type { Answer, Inspection, PullRequestQuestion, Question } from './survey.ts';

/** Reads the text of some files of one commit or folder. */
type ReadPaths = (paths: readonly RepoPath[]) => Promise<Outcome<ReadFiles>>;

/** A commit whose files can be read as they are needed. `snapshot.files` starts empty. */
export interface Tree {
  /** The commit's id, or the folder's path. */
  readonly revision: string;
  readonly snapshot: Snapshot;
  readonly read: ReadPaths;
}

/** One path that differs between two trees. */
export interface PathChange {
  /** As git has it: perhaps not one that Meshwright would ever write. */
  readonly path: string;
  /** Git's modes, such as `100644` a file, `120000` a link, `160000` a submodule; undefined: nothing is there. */
  readonly modeBefore: string | undefined;
  readonly modeAfter: string | undefined;
}

/** What the way from one tree to another changes; neither messages nor authors are a part of it. */
export interface TreeDiff {
  readonly from: Tree;
  readonly to: Tree;
  readonly changes: readonly PathChange[];
}

/** The head branch of a target as the forge has it. */
export interface BranchState {
  readonly name: string;
  readonly tree: Tree;
  /** What it changes against its merge base with the base branch, as its pull request shows it; undefined: merges on it
   *  leave more than one base, so nobody can tell. */
  readonly diff: TreeDiff | undefined;
  /** What its first commit alone changes; undefined: it has none, or begins with a merge. */
  readonly first: TreeDiff | undefined;
  /** Commits that do not even say that Meshwright made them. Anyone can write the name of a committer: it makes nothing
   *  ours, it only keeps more from being rewritten. */
  readonly othersCommits: boolean;
  /** The open pull request from it, if there is one. */
  readonly pullRequest: { readonly number: number; readonly url: string } | undefined;
  /** True when its last pull request was merged at this very commit: nothing on it can be lost. */
  readonly merged: boolean;
}

/** A repository as the forge has it now: what a bundle is planned against. */
export interface RepositoryState {
  readonly repository: RepositoryId;
  /** The branch that pull requests go to. */
  readonly baseBranch: string;
  readonly base: Tree;
  /** The head branch of this target, when it exists on the forge. */
  readonly branch: BranchState | undefined;
}

/** Where the next commit of a branch goes. */
export interface Placement {
  /** A tree that `state` gave: the base (the branch is made anew on it) or the branch (the commit goes on top). */
  readonly parent: Tree;
  /** Whether the branch then holds the bundle's changes and nothing else, found by comparing trees. */
  readonly isExact: boolean;
}

export interface UpsertResult {
  readonly outcome: 'opened' | 'updated' | 'unchanged';
  readonly url: string;
}

/** Where repositories and pull requests live. Expected refusals are problems; they never carry a token. */
export interface Forge {
  /** The host of its repositories' URLs, in lower case and without a port; undefined: a folder, which stands for any. */
  readonly host: string | undefined;
  /** Fetches the base branch and, where it exists, `branch`.
   *  @param former  an earlier name of it, looked for when it does not exist; one that was merged is no longer in use */
  state(
    repository: RepositoryId,
    base: string | undefined,
    branch: string | undefined,
    former?: string,
  ): Promise<Outcome<RepositoryState>>;
  /** The files of a repository at a tag or branch. */
  tree(repository: RepositoryId, ref: string): Promise<Outcome<Tree>>;
  /** Makes branch and pull request say what the draft says: one commit of its changes where the placement has it, one open
   *  pull request with its title, body, labels and reviewers. Writes only what differs; run again after any interruption
   *  it finishes. With no changes, only the pull request itself is brought up to date. Commits that do not say that
   *  Meshwright made them are never taken off a branch. */
  upsert(draft: Draft, state: RepositoryState, placement: Placement): Promise<Outcome<UpsertResult>>;
  /** Where many targets stand, in few requests and without a clone.
   *  @param base  the branch pull requests go to; undefined: each repository's default branch
   *  @returns one answer a question, in order */
  survey(questions: readonly Question[], base: string | undefined): Promise<readonly Outcome<Answer>[]>;
  /** What some pull requests say, in few requests.
   *  @returns one a place, in order */
  inspect(places: readonly PullRequestQuestion[]): Promise<readonly Outcome<Inspection>[]>;
  /** Closes a pull request with a comment; one that is closed already stays as it is. The branch stays. */
  close(repository: RepositoryId, number: number, comment: string): Promise<Outcome<void>>;
}

/** Renders charts. They are hostile: nothing of one runs outside Helm's own templates, and none of them reaches a cluster. */
export interface Charts {
  render(request: ChartRequest): Promise<ChartAnswer>;
}

/** One folder within a folder that is filled, with all its files. */
export interface FolderPart {
  readonly folder: RepoPath;
  /** By their path from `folder`. */
  readonly files: readonly { readonly path: RepoPath; readonly text: string }[];
}

/** Folders on this machine. Nothing outside `directory` is ever read or written; links are not followed. */
export interface Files {
  /** All files below `directory`, `.git` and `node_modules` left out; undefined when there is no such folder.
   *  @param enters  whether a folder below it is looked into; undefined: each is */
  tree(directory: string, enters?: (folder: RepoPath) => boolean): Promise<Outcome<Tree>>;
  /** Writes each file by rename, so that a crash leaves the old or the new text; keeps the file's mode. Where a file is by
   *  now neither what its change began with nor what it makes of it, someone else wrote it: then nothing is written.
   *  @param isForced  writes over whatever is there
   *  @returns problem `changed-meanwhile` */
  write(directory: string, changes: readonly FileChange[], isForced?: boolean): Promise<Outcome<void>>;
  /** What filling a folder would write over: files that are there with another text, by their path from `directory`.
   *  Nothing is written; parts are asked for one by one, and not held.
   *  @returns problem `files-outside` for links, and for a folder where a file must be */
  differing(directory: string, parts: Iterable<FolderPart>): Promise<Outcome<readonly RepoPath[]>>;
  /** Fills a folder of results that can be made again: whole files, over whatever is there, not forced to the disk. Ask
   *  `differing` first.
   *  @returns how many files it then has of these parts */
  fill(directory: string, parts: Iterable<FolderPart>): Promise<Outcome<number>>;
  /** The text of one file named by the user; `-` is standard input. */
  readText(path: string): Promise<Outcome<string>>;
  /** Writes one file named by the user, by rename.
   *  @param over  what the text was made from (undefined: no such file): when the file is another by now, it stays.
   *    Without it whatever is there is written over.
   *  @returns problem `changed-meanwhile` */
  writeText(
    path: string,
    text: string,
    over?: { readonly before: string | undefined },
  ): Promise<Outcome<void>>;
}

export interface Choice<T> {
  readonly name: string;
  readonly value: T;
  readonly hint?: string;
  readonly checked?: boolean;
}

/** The person at the keyboard. Throws `Interrupted` on Ctrl-C. */
export interface Terminal {
  /** False without a TTY, in CI, or with --answers: then nothing may be asked. */
  readonly interactive: boolean;
  input(question: {
    message: string;
    default?: string | undefined;
    validate?: (text: string) => true | string;
  }): Promise<string>;
  select<T>(question: {
    message: string;
    choices: readonly Choice<T>[];
    default?: T | undefined;
  }): Promise<T>;
  checkbox<T>(question: { message: string; choices: readonly Choice<T>[] }): Promise<readonly T[]>;
  confirm(question: { message: string; default: boolean }): Promise<boolean>;
  /** Shows text to the person (standard error, so that standard output stays the result). */
  show(text: string): void;
}

/** The person pressed Ctrl-C at a prompt, or the process got SIGINT. Exit code 130. */
export class Interrupted extends Error {}
