import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
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
export type GitScope = 'own' | 'checkout' | 'operator';

/** A git that answers as long as it is asked. It ends when its standard input does, so never later than this process. */
export interface StartedGit {
  say(text: string): void;
  /** This process goes on while it waits for an answer, */
  hold(): void;
  /** and does not wait for more than that. */
  release(): void;
  end(): void;
}

/** What is heard of one. */
interface Listener {
  /** Of its standard output. */
  hear(chunk: Buffer): void;
  /** It has ended.
   *  @param why  its standard error, redacted, or how it ended */
  over(why: string): void;
}

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

/** Runs git in one directory: the one place where Meshwright starts it. docs/SECURITY.md lists the calls. */
export class GitRunner {
  readonly directory: string;
  readonly #place: GitScope;
  readonly #transport: string;
  readonly #access: AccessSource | undefined;
  readonly #settings: GitAccess['settings'];

  /** @param remote  what ls-remote, fetch and push may use; undefined: none may run. Its settings are for commands that end
   *    by themselves */
  constructor(
    directory: string,
    place: GitScope,
    remote?: {
      readonly transport: 'https' | 'http' | 'file';
      readonly access?: AccessSource | undefined;
      readonly settings?: GitAccess['settings'];
    },
  ) {
    this.directory = directory;
    this.#place = place;
    this.#transport = remote?.transport ?? 'none';
    this.#access = remote?.access;
    this.#settings = remote?.settings ?? [];
  }

  async text(
    args: readonly string[],
    more: { input?: string | Buffer; setsDriver?: boolean } = {},
  ): Promise<string> {
    const isNetworked = networked.has(args[0] ?? '');
    return this.#guard(isNetworked, (access) => this.#git(access, more).raw([...args]));
  }

  /** Starts a git that is asked line by line. It gets no credentials and reaches no remote, not even for what is missing. */
  start(args: readonly string[], listener: Listener): StartedGit {
    const alone = { GIT_ALLOW_PROTOCOL: 'none', GIT_NO_LAZY_FETCH: '1' };
    const child = spawn('git', args, {
      cwd: this.directory,
      env: { ...this.#environment(undefined, []), ...alone },
      stdio: 'pipe',
      windowsHide: true,
    });
    const { stdin, stdout, stderr } = child;
    let said = '';
    let isOver = false;
    const over = (how: string) => {
      if (isOver) return;
      isOver = true;
      listener.over(redact(said.trim() === '' ? how : said.trim()));
    };
    stderr.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString('utf8')}`.slice(-4096);
    });
    stdout.on('data', (chunk: Buffer) => {
      listener.hear(chunk);
    });
    // Who is not there to read is not there to answer either, and that is heard.
    stdin.on('error', () => undefined);
    child.on('error', (error) => {
      over(error.message);
    });
    child.on('close', (code) => {
      over(`git ended ${code === null ? 'by a signal' : `with code ${String(code)}`}`);
    });
    const pipes = [stdin, stdout, stderr].filter((pipe) => pipe instanceof Socket);
    return {
      say: (text) => {
        stdin.write(text);
      },
      hold: () => {
        for (const each of [child, ...pipes]) each.ref();
      },
      release: () => {
        for (const each of [child, ...pipes]) each.unref();
      },
      end: () => {
        stdin.end();
      },
    };
  }

  #git(access: GitAccess | undefined, more: { input?: string | Buffer; setsDriver?: boolean }) {
    const { input, setsDriver = false } = more;
    const environment = this.#environment(access, this.#settings);
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

  #environment(access: GitAccess | undefined, settings: GitAccess['settings']): Record<string, string> {
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
      // Only a clone that leaves blobs out may ask its own remote for what is missing.
      ...(!this.#transport.startsWith('http') && { GIT_NO_LAZY_FETCH: '1' }),
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_AUTHOR_NAME: identity.name,
      GIT_AUTHOR_EMAIL: identity.email,
      GIT_COMMITTER_NAME: identity.name,
      GIT_COMMITTER_EMAIL: identity.email,
      ...settingsAsEnvironment([
        ['safe.bareRepository', 'explicit'],
        ...settings,
        ...(access?.settings ?? []),
      ]),
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
