import { idOf, type GitObject } from './git-objects.ts';
import { GitError, type GitRunner, type StartedGit } from './git-run.ts';

export interface ObjectSource {
  /** @param names  ids, refs, or either with a `:path`; no line breaks
   *  @returns the objects in order; undefined for one that is not there. `GitError` when git fails, or gives bytes that are
   *  not those of the id that it names */
  read(names: readonly string[]): Promise<readonly (GitObject | undefined)[]>;
}

interface Request {
  readonly names: readonly string[];
  readonly found: (GitObject | undefined)[];
  readonly resolve: (found: readonly (GitObject | undefined)[]) => void;
  readonly reject: (error: GitError) => void;
  isSecondTry: boolean;
}

/** A process each; what more of them are asked ends the one that was used longest ago. */
const mostProcesses = 24;

/** Those that have a process, the one used last at the end. */
const started = new Set<ObjectReader>();

/** Reads objects of one repository through one `git cat-file --batch`, which is started when it is needed first, never
 *  fetches, and ends with this process, however that ends: then its standard input does. A process that is lost is replaced. */
export class ObjectReader implements ObjectSource {
  readonly #git: Pick<GitRunner, 'start'>;
  readonly #requests: Request[] = [];
  #process: StartedGit | undefined;
  /** What came and was not understood yet. */
  #chunks: Buffer[] = [];
  #length = 0;
  /** Of which as much is needed before more of it can be. */
  #wanted = 0;

  constructor(git: Pick<GitRunner, 'start'>) {
    this.#git = git;
  }

  read(names: readonly string[]): Promise<readonly (GitObject | undefined)[]> {
    const odd = names.find((name) => name === '' || /[\0\n]/.test(name));
    if (odd !== undefined) throw new Error(`${JSON.stringify(odd)} can't be asked for`);
    if (names.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const request = { names, found: [], resolve, reject, isSecondTry: false };
      this.#requests.push(request);
      started.delete(this);
      if (this.#process === undefined) this.#start();
      else this.#ask(this.#process, request);
      started.add(this);
    });
  }

  /** Ends the process, unless it is still asked something; whoever reads on starts another. */
  close(): void {
    if (this.#requests.length > 0) return;
    this.#process?.end();
    this.#process = undefined;
    started.delete(this);
  }

  #start(): void {
    for (const other of started) {
      if (started.size < mostProcesses) break;
      other.close();
    }
    this.#chunks = [];
    this.#length = 0;
    this.#wanted = 0;
    const git = this.#git.start(['cat-file', '--batch'], {
      hear: (chunk) => {
        if (this.#process === git) this.#hear(chunk);
      },
      over: (why) => {
        if (this.#process === git) this.#over(why);
      },
    });
    this.#process = git;
    for (const request of this.#requests) this.#ask(git, request);
  }

  #ask(git: StartedGit, { names }: Request): void {
    git.hold();
    git.say(`${names.join('\n')}\n`);
  }

  #hear(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    // A large object comes in many parts, which are put together once.
    if (this.#length < this.#wanted) return;
    let rest = Buffer.concat(this.#chunks);
    for (;;) {
      const [request] = this.#requests;
      const taken = request === undefined ? 0 : this.#take(rest, request);
      if (request === undefined || taken === 0) break;
      rest = rest.subarray(taken);
      if (request.found.length < request.names.length) continue;
      this.#requests.shift();
      const damaged = request.found.find(
        (each) => each !== undefined && idOf(each.type, each.bytes) !== each.id,
      );
      if (damaged === undefined) request.resolve(request.found);
      else request.reject(new GitError(`fatal: ${damaged.id} is damaged`));
    }
    this.#chunks = [rest];
    this.#length = rest.length;
    if (this.#requests.length === 0) this.#process?.release();
  }

  /** Takes one answer from the beginning of `bytes`.
   *  @returns its length; 0: not all of it is there */
  #take(bytes: Buffer, request: Request): number {
    this.#wanted = 0;
    const end = bytes.indexOf(0x0a);
    if (end < 0) return 0;
    const header = bytes.subarray(0, end).toString('utf8');
    const [, id = '', type = '', size = ''] = /^([0-9a-f]{40}) ([a-z]+) (\d+)$/.exec(header) ?? [];
    if (id === '') {
      request.found.push(undefined);
      return end + 1;
    }
    const whole = end + 1 + Number(size) + 1;
    if (bytes.length < whole) {
      this.#wanted = whole;
      return 0;
    }
    // A copy, so that one object that is kept does not keep all that came with it.
    const content = Buffer.from(bytes.subarray(end + 1, whole - 1));
    request.found.push({ id, type, bytes: content });
    return whole;
  }

  /** The process ended by itself: a signal did it, or an object that it can't read. Reading has no effect, so what was not
   *  answered is asked once more. */
  #over(why: string): void {
    this.#process = undefined;
    started.delete(this);
    const [first] = this.#requests;
    if (first === undefined) return;
    for (const { found } of this.#requests) found.length = 0;
    if (first.isSecondTry) {
      this.#requests.shift();
      first.reject(new GitError(why));
    }
    first.isSecondTry = true;
    if (this.#requests.length === 0) return;
    this.#start();
    started.add(this);
  }
}

/** An object that must be there. */
export function present(object: GitObject | undefined, name: string): GitObject {
  if (object === undefined) throw new GitError(`fatal: the clone has lost ${name}`);
  return object;
}
