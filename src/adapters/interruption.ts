import { setTimeout as wait } from 'node:timers/promises';

/** Ctrl-C. The terminal sends it to git as well, so whoever runs a child must know of it. */
class Interruption {
  #isArmed = false;
  #count = 0;
  readonly #stop = new AbortController();

  /** How often it was pressed so far. */
  get count(): number {
    return this.#count;
  }

  /** From now on the first Ctrl-C only asks the run to end.
   *  @returns whether it was asked */
  arm(): () => boolean {
    this.#isArmed = true;
    return () => this.#stop.signal.aborted;
  }

  /** Ctrl-C was pressed.
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
