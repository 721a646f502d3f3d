import type { ForgeLimits } from '../model/fleet.ts';
import type { Clock } from './clock.ts';
import type { CreationLog } from './creation-log.ts';

/** What GitHub counts a request as. `creation`: it makes content that people are told of. */
export interface Kind {
  readonly does: 'read' | 'write' | 'creation';
  readonly resource: 'core' | 'graphql';
}

/** What an answer says of the limits. */
export interface LimitSigns {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly message: string;
}

/** A limit would have to be waited for longer than anybody wants. */
export class LimitReached extends Error {
  readonly status = 429;
}

interface Hold {
  readonly until: number;
  readonly why: string;
}

const minute = 60_000;

/** Obeys GitHub's limits before they bite: requests at a time, a pause between writes, content a minute and an hour, points
 *  a minute; and whatever GitHub says of its limits in answers.
 *  @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 *  @see https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api */
export class Pace {
  readonly #limits: ForgeLimits;
  readonly #clock: Clock;
  readonly #log: CreationLog;
  readonly #onWait: (why: string, until: number) => void;
  readonly #holds = new Map<Kind['resource'] | 'all', Hold>();
  readonly #spent: { readonly at: number; readonly points: number }[] = [];
  #free: number;
  readonly #queue: (() => void)[] = [];
  #lastWrite = -Infinity;
  #writes: Promise<unknown> = Promise.resolve();
  #refusals = 0;
  #said = 0;

  /** @param onWait  told of each wait of a second or more: why, and until when */
  constructor(
    limits: ForgeLimits,
    clock: Clock,
    log: CreationLog,
    onWait: (why: string, until: number) => void,
  ) {
    this.#limits = limits;
    this.#clock = clock;
    this.#log = log;
    this.#onWait = onWait;
    this.#free = limits.concurrency;
  }

  /** Sends a request when its turn has come.
   *  @throws LimitReached when that takes longer than `patienceSeconds` */
  async turn<T>(kind: Kind, send: () => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      await this.#enter();
      try {
        return await this.#inTurn(kind, send);
      } finally {
        this.#leave();
      }
    };
    if (kind.does === 'read') return run();
    // Writes go one after the other, in the order they were asked for.
    const mine = this.#writes.then(run, run);
    this.#writes = mine.catch(() => undefined);
    return mine;
  }

  /** Notes what an answer says of the limits.
   *  @returns whether the request was refused for a limit, and may be sent again when it is due */
  heed(kind: Kind, { status, headers, message }: LimitSigns): boolean {
    const now = this.#clock.now();
    const number = (name: string) => {
      const value = headers[name];
      return value === undefined || value === '' || Number.isNaN(Number(value)) ? undefined : Number(value);
    };
    const reset = number('x-ratelimit-reset');
    const isSpent = number('x-ratelimit-remaining') === 0 && reset !== undefined;
    if (isSpent)
      this.#hold(kind.resource, {
        until: reset * 1000 + 1000,
        why: `GitHub's hourly limit of requests is used up`,
      });
    const isRefused = status === 403 || status === 429;
    const after = number('retry-after');
    const isSecondary =
      isRefused && (after !== undefined || /secondary rate limit|abuse detection/i.test(message));
    if (!isSecondary) {
      if (status < 400) this.#refusals = 0;
      return isRefused && (isSpent || status === 429);
    }
    const seconds = after ?? 60 * 2 ** Math.min(this.#refusals, 5);
    this.#refusals++;
    this.#hold('all', { until: now + seconds * 1000, why: 'GitHub asks for a pause' });
    return true;
  }

  #hold(what: Kind['resource'] | 'all', hold: Hold): void {
    if ((this.#holds.get(what)?.until ?? 0) < hold.until) this.#holds.set(what, hold);
  }

  #enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve();
    }
    return new Promise((enter) => this.#queue.push(enter));
  }

  #leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#free++;
    else next();
  }

  async #inTurn<T>(kind: Kind, send: () => Promise<T>): Promise<T> {
    for (;;) {
      // Nothing is awaited between the look at the limits and the sending, so that no two requests take the same place.
      const made = kind.does === 'creation' ? await this.#log.lastHour(this.#clock.now()) : [];
      const now = this.#clock.now();
      const hold = this.#next(kind, now, made);
      if (hold === undefined) {
        // Counted before the answer is there: an answer that is lost counts for GitHub as well.
        this.#spent.push({ at: now, points: pointsOf(kind) });
        if (kind.does !== 'read') this.#lastWrite = now;
        const noted = kind.does === 'creation' ? this.#log.add(now) : undefined;
        const [answer] = await Promise.all([send(), noted]);
        return answer;
      }
      const wait = hold.until - now;
      if (wait > this.#limits.patienceSeconds * 1000)
        throw new LimitReached(`${hold.why}, until ${timeOf(hold.until)}`);
      if (wait >= 1500 && hold.until > this.#said) {
        this.#said = hold.until;
        this.#onWait(hold.why, hold.until);
      }
      if (!(await this.#clock.sleep(wait))) throw new LimitReached(`interrupted while waiting: ${hold.why}`);
    }
  }

  /** What a request has to wait for longest; undefined: nothing. */
  #next(kind: Kind, now: number, made: readonly number[]): Hold | undefined {
    const holds = [this.#holds.get('all'), this.#holds.get(kind.resource), this.#points(kind, now)];
    if (kind.does !== 'read')
      holds.push({
        until: this.#lastWrite + this.#limits.secondsBetweenWrites * 1000,
        why: 'a pause between writes',
      });
    if (kind.does === 'creation') holds.push(...this.#creations(now, made));
    return holds
      .filter((hold) => hold !== undefined && hold.until > now)
      .sort((one, other) => (one?.until ?? 0) - (other?.until ?? 0))
      .at(-1);
  }

  #points(kind: Kind, now: number): Hold | undefined {
    const { pointsPerMinute } = this.#limits;
    while ((this.#spent[0]?.at ?? now) <= now - minute) this.#spent.shift();
    let points = this.#spent.reduce((sum, each) => sum + each.points, 0) + pointsOf(kind);
    for (const each of this.#spent) {
      if (points <= pointsPerMinute) break;
      points -= each.points;
      if (points <= pointsPerMinute)
        return {
          until: each.at + minute + 1,
          why: `GitHub's limit of ${String(pointsPerMinute)} points a minute`,
        };
    }
    return undefined;
  }

  #creations(now: number, made: readonly number[]): readonly (Hold | undefined)[] {
    const { creationsPerMinute, creationsPerHour } = this.#limits;
    const window = (limit: number, length: number, name: string): Hold | undefined => {
      const oldest = made.filter((at) => at > now - length).at(-limit);
      return oldest === undefined
        ? undefined
        : {
            until: oldest + length + 1,
            why: `the limit of ${String(limit)} new pull requests and comments ${name}`,
          };
    };
    return [window(creationsPerMinute, minute, 'a minute'), window(creationsPerHour, 60 * minute, 'an hour')];
  }
}

function pointsOf({ does }: Kind): number {
  return does === 'read' ? 1 : 5;
}

function timeOf(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(11, 19)} UTC`;
}
