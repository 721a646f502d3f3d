import { setTimeout as wait } from 'node:timers/promises';
import { simpleGit, type SimpleGitOptions } from 'simple-git';
import { interruption } from './interruption.ts';
import { redact } from './redact.ts';

/** What a child git is given beyond its arguments. */
export interface GitAccess {
  /** Environment for credentials; never part of arguments. */
  readonly environment: Readonly<Record<string, string>>;
  /** Values that must not show in any message. */
  readonly secrets: readonly string[];
}

/** Asked for each command: credentials may be other ones an hour later. */
export type AccessSource = () => Promise<GitAccess>;

/** git failed; the message is its standard error, redacted. */
export class GitError extends Error {}

export const identity = { name: 'Meshwright', email: 'meshwright@users.noreply.github.com' };
export const committerEmail = identity.email;

const allowed = [
  'GIT_ASKPASS',
  'GIT_TERMINAL_PROMPT',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_CONFIG_GLOBAL',
  'GIT_AUTHOR_NAME',
  'GIT_AUTHOR_EMAIL',
  'GIT_COMMITTER_NAME',
  'GIT_COMMITTER_EMAIL',
  'GIT_SSL_CAINFO',
  'GIT_NO_REPLACE_OBJECTS',
];
/** Proxies and certificates come from the person's environment; everything else of it stays away from git. */
const inherited = [
  'PATH',
  'HOME',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'no_proxy',
  'NO_PROXY',
  'GIT_SSL_CAINFO',
  'SSL_CERT_FILE',
  'TMPDIR',
];

/** Runs git in one directory. */
export class GitRunner {
  readonly directory: string;
  readonly #access: AccessSource;

  constructor(directory: string, access: AccessSource) {
    this.directory = directory;
    this.#access = access;
  }

  async text(
    args: readonly string[],
    more: { input?: string | Buffer; setsDriver?: boolean } = {},
  ): Promise<string> {
    return this.#guard((access) => this.#git(access, more).raw([...args]));
  }

  /** `git cat-file --batch`: the raw answer for the objects named in `input`. */
  async objects(input: string): Promise<Buffer> {
    return this.#guard(
      async (access) => (await this.#git(access, { input }).binaryCatFile(['--batch'])) as Buffer,
    );
  }

  #git(access: GitAccess, more: { input?: string | Buffer; setsDriver?: boolean }) {
    const { input, setsDriver = false } = more;
    const options: Partial<SimpleGitOptions> = {
      baseDir: this.directory,
      allowEnvironment: allowed,
      // Of itself the library takes silence for success: a git that a signal ended, or that says no by its code alone.
      errors: (error, { exitCode, stdErr }) => {
        const code = exitCode as number | null;
        if (error !== undefined || code === 0) return error;
        const said = Buffer.concat(stdErr);
        return said.length > 0
          ? said
          : new Error(`git ended ${code === null ? 'by a signal' : `with code ${String(code)}`}`);
      },
      unsafe: { allowUnsafeAskPass: true, allowUnsafeConfigPaths: true, allowUnsafeMergeDriver: setsDriver },
      ...(input !== undefined && { input: () => input }),
    };
    return simpleGit(options).env({
      ...pick(inherited),
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_AUTHOR_NAME: identity.name,
      GIT_AUTHOR_EMAIL: identity.email,
      GIT_COMMITTER_NAME: identity.name,
      GIT_COMMITTER_EMAIL: identity.email,
      ...access.environment,
    });
  }

  async #guard<T>(run: (access: GitAccess) => Promise<T>): Promise<T> {
    const pressed = interruption.count;
    const access = await this.#access();
    try {
      return await run(access);
    } catch (error) {
      // Ctrl-C ended git too, in the middle of the step that is to be finished. Each of our commands can be run again.
      // News of a child's end may be quicker than the signal itself.
      await wait(50);
      if (interruption.count > pressed) return this.#guard(run);
      const message = error instanceof Error ? error.message : String(error);
      throw new GitError(redact(message.trim(), access.secrets));
    }
  }
}

function pick(names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = process.env[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}
