import { interruption } from './interruption.ts';

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** @returns false: the person wants the run to end, so the wait did as well */
  sleep(milliseconds: number): Promise<boolean>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) => interruption.pause(milliseconds / 1000),
};
