import type { Clock } from '../../src/adapters/clock.ts';

/** A clock that nobody waits for: time goes on when everyone sleeps, to whoever wakes first. */
export class FakeClock implements Clock {
  #now = Date.parse('2026-11-24T10:00:00Z');
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  #isTicking = false;
  /** Milliseconds slept in all. */
  slept = 0;

  now(): number {
    return this.#now;
  }

  /** Time passes by itself: an answer is on its way. */
  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }

  sleep(milliseconds: number): Promise<boolean> {
    this.slept += milliseconds;
    const at = this.#now + milliseconds;
    const woken = new Promise<boolean>((resolve) => {
      this.#sleepers.push({
        at,
        wake: () => {
          resolve(true);
        },
      });
    });
    this.#tick();
    return woken;
  }

  #tick(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    // After whatever can still happen now has happened.
    setImmediate(() => {
      this.#isTicking = false;
      this.#sleepers.sort((one, other) => one.at - other.at);
      const first = this.#sleepers.shift();
      if (first === undefined) return;
      this.#now = Math.max(this.#now, first.at);
      first.wake();
      if (this.#sleepers.length > 0) this.#tick();
    });
  }
}
