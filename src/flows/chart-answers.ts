import type { ChartAnswer, ChartRequest } from '../model/charts.ts';
import type { Charts } from '../model/ports.ts';

/** Charts that were rendered in this run, each once. */
export class ChartAnswers {
  readonly #charts: Charts;
  readonly #answers = new Map<string, ChartAnswer>();

  constructor(charts: Charts) {
    this.#charts = charts;
  }

  /** undefined: it was not rendered yet. */
  of({ key }: ChartRequest): ChartAnswer | undefined {
    return this.#answers.get(key);
  }

  async render(requests: readonly ChartRequest[]): Promise<void> {
    await Promise.all(
      requests.map(async (request) => {
        this.#answers.set(request.key, await this.#charts.render(request));
      }),
    );
  }
}
