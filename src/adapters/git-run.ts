import { setTimeout as wait } from 'node:timers/promises';
import { simpleGit, type SimpleGitOptions } from 'simple-git';
import { interruption } from './interruption.ts';
import { redact } from './redact.ts';

/** What a git that talks to a remote is given beyond its arguments. */
export interface GitAccess {
  /** Environment for credentials; never part of arguments. */
  readonly environment: Readonly<Record<string, string>>;
  /** Values that must not show in any message. */
  readonly secrets: readonly string[];
  /** Settings of the operator's own configuration: proxies and certificates. */
  readonly settings: readonly (readonly [key: string, value: string])[];
}

/** Asked for each command: credentials may be other ones an hour later. */
export type AccessSource = () => Promise<GitAccess>;

/** Where git runs, and so whose configuration is in force.
 *  - `own`: a bare repository whose configuration Meshwright wrote, every line of it;
 *  - `checkout`: the operator's clone, whose configuration is read; only commands that start nothing run there;
 *  - `operator`: no repository; the operator's own configuration is read. */
export type GitPlace = 'own' | 'checkout' | 'operator';

/** git failed; the message is its standard error, redacted. */
export class GitError extends Error {}

export const identity = { name: 'Meshwright', email: 'meshwright@users.noreply.github.com' };
export const committerEmail = identity.email;

/** The only commands that reach a remote, and the only ones that are given credentials. */
const networked = new Set(['ls-remote', 'fetch', 'push']);

/** What git inherits of the environment: nothing that begins with GIT_, as within a hook, and no secret. */
const inherited = [
  'PATH',
  'HOME',
  'TMPDIR',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];
/** Where the operator's own configuration is. */
const ofOperator = ['XDG_CONFIG_HOME', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM'];

/** Runs git in one directory: the one place where Meshwright starts another program. docs/SECURITY.md lists the calls. */
export class GitRunner {
  readonly directory: string;
  readonly #place: GitPlace;
  readonly #transport: string;
  readonly #access: AccessSource | undefined;

  /** @param remote  what ls-remote, fetch and push may use; undefined: none may run */
  constructor(
    directory: string,
    place: GitPlace,
    remote?: { readonly transport: 'https' | 'http' | 'file'; readonly access?: AccessSource | undefined },
  ) {
    this.directory = directory;
    this.#place = place;
    this.#transport = remote?.transport ?? 'none';
    this.#access = remote?.access;
  }

  async text(
    args: readonly string[],
    more: { input?: string | Buffer; setsDriver?: boolean } = {},
  ): Promise<string> {
    const isNetworked = networked.has(args[0] ?? '');
    return this.#guard(isNetworked, (access) => this.#git(access, more).raw([...args]));
  }

  /** `git cat-file --batch`: the raw answer for the objects named in `input`. */
  async objects(input: string): Promise<Buffer> {
    return this.#guard(
      false,
      async (access) => (await this.#git(access, { input }).binaryCatFile(['--batch'])) as Buffer,
    );
  }

  #git(access: GitAccess | undefined, more: { input?: string | Buffer; setsDriver?: boolean }) {
    const { input, setsDriver = false } = more;
    const environment = this.#environment(access);
    const options: Partial<SimpleGitOptions> = {
      baseDir: this.directory,
      allowEnvironment: Object.keys(environment),
      // Of itself the library takes silence for success: a git that a signal ended, or that says no by its code alone.
      errors: (error, { exitCode, stdErr }) => {
        const code = exitCode as number | null;
        if (error !== undefined || code === 0) return error;
        const said = Buffer.concat(stdErr);
        return said.length > 0
          ? said
          : new Error(`git ended ${code === null ? 'by a signal' : `with code ${String(code)}`}`);
      },
      // All of it is of this file and of github-access.ts; what a caller passes is checked by the library as ever.
      unsafe: {
        allowUnsafeAskPass: true,
        allowUnsafeConfigPaths: true,
        allowUnsafeConfigEnvCount: true,
        allowUnsafeMergeDriver: setsDriver,
      },
      ...(input !== undefined && { input: () => input }),
    };
    return simpleGit(options).env(environment);
  }

  #environment(access: GitAccess | undefined): Record<string, string> {
    const closed = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_ATTR_NOSYSTEM: '1' };
    return {
      ...pick(inherited),
      ...(this.#place === 'operator' ? pick(ofOperator) : closed),
      ...(this.#place === 'own' && { GIT_DIR: this.directory }),
      // No repository of whatever folder this happens to be.
      ...(this.#place === 'operator' && { GIT_DIR: '/dev/null/none' }),
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ALLOW_PROTOCOL: this.#transport,
      // A clone that leaves blobs out asks its own remote for them; nothing else is asked for what is missing.
      ...(!this.#transport.startsWith('http') && { GIT_NO_LAZY_FETCH: '1' }),
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_AUTHOR_NAME: identity.name,
      GIT_AUTHOR_EMAIL: identity.email,
      GIT_COMMITTER_NAME: identity.name,
      GIT_COMMITTER_EMAIL: identity.email,
      ...settingsAsEnvironment([['safe.bareRepository', 'explicit'], ...(access?.settings ?? [])]),
      ...access?.environment,
    };
  }

  async #guard<T>(isNetworked: boolean, run: (access: GitAccess | undefined) => Promise<T>): Promise<T> {
    const pressed = interruption.count;
    const access = isNetworked ? await this.#access?.() : undefined;
    try {
      return await run(access);
    } catch (error) {
      // Ctrl-C ended git too, in the middle of the step that is to be finished. Each of our commands can be run again.
      // News of a child's end may be quicker than the signal itself.
      await wait(50);
      if (interruption.count > pressed) return this.#guard(isNetworked, run);
      const message = error instanceof Error ? error.message : String(error);
      throw new GitError(redact(message.trim(), access?.secrets));
    }
  }
}

/** Settings above those of any file, and in no argument.
 *  @see https://git-scm.com/docs/git-config#Documentation/git-config.txt-GITCONFIGCOUNT */
function settingsAsEnvironment(settings: GitAccess['settings']): Record<string, string> {
  const pairs = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${String(index)}`, key],
    [`GIT_CONFIG_VALUE_${String(index)}`, value],
  ]);
  return Object.fromEntries([['GIT_CONFIG_COUNT', String(settings.length)], ...pairs]) as Record<
    string,
    string
  >;
}

function pick(names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = process.env[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}
