import {
  isList,
  listAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
} from '../../model/json.ts';
import type { Problem } from '../../model/problem.ts';
import { dateOf, unreadable, type GraphDocument } from '../observed.ts';

/** One series of an answer of the Prometheus HTTP API. */
export interface Sample {
  readonly metric: JsonObject;
  readonly count: number;
  readonly at: string | undefined;
}

/** Whether a document is such an answer, with a series that `isWanted`; one without series is for whoever asks first. */
export function isAnswer(value: JsonValue, isWanted: (metric: JsonObject) => boolean): boolean {
  if (stringAt(value, 'status') === undefined || valueAt(value, 'data', 'result') === undefined) return false;
  const series = listAt(value, 'data', 'result');
  return series.length === 0 || series.some((each) => isWanted(objectAt(each, 'metric')));
}

/** The series of an answer to an instant or a range query, with their last value.
 *  @see https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats */
export function samplesIn(
  { value, line }: GraphDocument,
  file: string,
): { readonly samples: readonly Sample[]; readonly problems: readonly Problem[] } {
  const result = valueAt(value, 'data', 'result');
  if (stringAt(value, 'status') !== 'success' || !isList(result))
    return {
      samples: [],
      problems: [
        {
          rule: 'graph-answer-failed',
          severity: 'error',
          message: `Prometheus answered with an error: ${stringAt(value, 'error')?.slice(0, 300) ?? 'without a reason'}.`,
          fix: 'Query again, and save the response of /api/v1/query.',
          file,
          line,
          column: 1,
        },
      ],
    };
  const problems: Problem[] = [];
  const samples: Sample[] = [];
  for (const [index, series] of result.entries()) {
    const last = valueAt(series, 'value') ?? listAt(series, 'values').at(-1);
    const [at, text] = isList(last) ? last : [];
    const count = typeof text === 'string' && text.trim() !== '' ? Number(text) : NaN;
    if (Number.isNaN(count))
      problems.push(unreadable(file, line, `data.result[${String(index)}]`, 'has no number as its value'));
    else samples.push({ metric: objectAt(series, 'metric'), count, at: dateOf(at) });
  }
  return { samples, problems };
}
