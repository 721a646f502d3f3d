/** What GitHub writes down of its limits; numbers of requests and points.
 *  @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 *  @see https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api */
export interface Limits {
  readonly requestsPerHour: number;
  /** Of REST and GraphQL together. */
  readonly atOnce: number;
  readonly restPointsPerMinute: number;
  readonly graphqlPointsPerMinute: number;
  readonly creationsPerMinute: number;
  readonly creationsPerHour: number;
}

export const documentedLimits: Limits = {
  requestsPerHour: 5000,
  atOnce: 100,
  restPointsPerMinute: 900,
  graphqlPointsPerMinute: 2000,
  creationsPerMinute: 80,
  creationsPerHour: 500,
};

interface Counted {
  readonly at: number;
  readonly resource: 'core' | 'graphql';
  readonly points: number;
  /** GitHub's description says that people are notified of it. */
  readonly isCreation: boolean;
  /** It was answered with "not modified", which costs nothing of the hour's requests. */
  isFree: boolean;
}

/** An answer in place of the one that was asked for. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const minute = 60_000;
const hour = 60 * minute;

/** Keeps limits as the server that has them: counts in windows that slide, and refuses. */
export class LimitKeeper {
  /** Why each request that was refused was. */
  readonly refusals: string[] = [];
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #counted: Counted[] = [];
  #atOnce = 0;
  /** The most requests there were at once. */
  mostAtOnce = 0;

  constructor(limits: Limits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** A request comes in; `leave` when it is answered. */
  enter(
    method: string,
    path: string,
    isCreation: boolean,
  ): { readonly refusal?: Refusal; readonly leave: (isFree: boolean) => void } {
    this.#atOnce++;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    const resource = path === '/graphql' ? 'graphql' : 'core';
    const isRead = method === 'GET' || resource === 'graphql';
    const request: Counted = { at: this.#now(), resource, points: isRead ? 1 : 5, isCreation, isFree: false };
    const refusal = this.#refusalOf(request);
    if (refusal === undefined) this.#counted.push(request);
    else this.refusals.push(`${method} ${path}: ${refusal.why}`);
    const leave = (isFree: boolean) => {
      this.#atOnce--;
      request.isFree = isFree;
    };
    return { ...(refusal !== undefined && { refusal: refusal.answer }), leave };
  }

  headers(path: string): Readonly<Record<string, string>> {
    const resource = path === '/graphql' ? 'graphql' : 'core';
    const used = this.#within(hour).filter((each) => each.resource === resource && !each.isFree);
    return {
      'x-ratelimit-limit': String(this.#limits.requestsPerHour),
      'x-ratelimit-used': String(used.length),
      'x-ratelimit-remaining': String(Math.max(0, this.#limits.requestsPerHour - used.length)),
      'x-ratelimit-reset': String(Math.ceil(((used[0]?.at ?? this.#now()) + hour) / 1000)),
      'x-ratelimit-resource': resource,
    };
  }

  #within(length: number): readonly Counted[] {
    return this.#counted.filter(({ at }) => at > this.#now() - length);
  }

  #refusalOf(request: Counted): { readonly why: string; readonly answer: Refusal } | undefined {
    const limits = this.#limits;
    const same = ({ resource }: Counted) => resource === request.resource;
    if (this.#within(hour).filter((each) => same(each) && !each.isFree).length >= limits.requestsPerHour) {
      const message = 'API rate limit exceeded for installation.';
      const path = request.resource === 'graphql' ? '/graphql' : '/';
      return {
        why: 'requests an hour',
        answer: { status: 403, headers: this.headers(path), body: { message } },
      };
    }
    const points = this.#within(minute)
      .filter(same)
      .reduce((sum, each) => sum + each.points, request.points);
    const most = request.resource === 'core' ? limits.restPointsPerMinute : limits.graphqlPointsPerMinute;
    const made = (length: number) => this.#within(length).filter(({ isCreation }) => isCreation).length;
    if (this.#atOnce > limits.atOnce) return secondary('requests at once');
    if (points > most) return secondary('points a minute');
    if (!request.isCreation) return undefined;
    if (made(minute) >= limits.creationsPerMinute) return secondary('creations a minute');
    if (made(hour) >= limits.creationsPerHour) return secondary('creations an hour');
    return undefined;
  }
}

function secondary(why: string): { readonly why: string; readonly answer: Refusal } {
  const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  return { why, answer: { status: 403, headers: { 'retry-after': '60' }, body: { message } } };
}
