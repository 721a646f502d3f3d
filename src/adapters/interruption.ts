import { setTimeout as wait } from 'node:timers/promises';

/** Ctrl-C, and whatever else asks a process to end: SIGTERM, SIGHUP. The terminal sends it to git as well, so whoever runs
 *  a child must know of it. */
class Interruption {
  #isArmed = false;
  #count = 0;
  readonly #stop = new AbortController();

  /** How often the process was asked so far. */
  get count(): number {
    return this.#count;
  }

  /** From now on the first Ctrl-C only asks the run to end.
   *  @returns whether it was asked */
  arm(): () => boolean {
    this.#isArmed = true;
    return () => this.#stop.signal.aborted;
  }

  /** Whether a run that is under way ends by itself, with its work in order. */
  get isArmed(): boolean {
    return this.#isArmed;
  }

  /** Ctrl-C was pressed, or a signal came.
   *  @returns whether the process is to end at once */
  press(): boolean {
    this.#count++;
    if (!this.#isArmed || this.#stop.signal.aborted) return true;
    this.#stop.abort();
    return false;
  }

  /** Waits, or less when the run is to end.
   *  @returns whether all of it was waited */
  async pause(seconds: number): Promise<boolean> {
    const { signal } = this.#stop;
    await wait(seconds * 1000, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }
}

/** A process has one keyboard. */
export const interruption = new Interruption();
