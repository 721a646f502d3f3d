import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A git that writes down that it was started, for a `PATH`. */
export class CountedGit {
  readonly #folder: string;
  /** To be put before everything else of the path. */
  readonly path: string;

  /** @param before  lines of a shell script that runs first; `$1` is the command */
  constructor(folder: string, before = '') {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    const real = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    writeFileSync(
      join(folder, 'git'),
      `#!/bin/sh\necho "$$ $1" >> '${this.#log}'\n${before}\nexec '${real}' "$@"\n`,
    );
    chmodSync(join(folder, 'git'), 0o755);
    this.path = `${folder}:${process.env.PATH ?? ''}`;
  }

  get #log(): string {
    return join(this.#folder, 'log');
  }

  /** The commands so far, in order. */
  commands(): readonly string[] {
    return this.#lines().map(({ command }) => command);
  }

  /** The same, and from now on it counts anew. */
  taken(): readonly string[] {
    const commands = this.commands();
    rmSync(this.#log, { force: true });
    return commands;
  }

  #lines(): readonly { readonly pid: number; readonly command: string }[] {
    const text = existsSync(this.#log) ? readFileSync(this.#log, 'utf8') : '';
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ pid: Number(line.split(' ')[0]), command: line.split(' ')[1] ?? '' }));
  }

  /** Waits until none of them runs any more. */
  async ended(): Promise<void> {
    for (const { pid } of this.#lines()) while (isAlive(pid)) await wait(20);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
