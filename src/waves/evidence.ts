import {
  isList,
  listAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
} from '../model/json.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import type { ObservedCalls } from '../model/waves.ts';

/** The query whose answer is the evidence; with both metrics, since TCP is counted apart.
 *  @see https://istio.io/latest/docs/reference/config/metrics/ */
const evidenceQuery =
  'sum by (source_workload_namespace, source_workload, destination_workload_namespace, destination_workload, connection_security_policy) ' +
  '(increase({__name__=~"istio_requests_total|istio_tcp_connections_opened_total",reporter="destination"}[24h]))';

/** Reads what Prometheus' HTTP API answered to `evidenceQuery`.
 *  @param file  its name in problems
 *  @returns problems `evidence-unreadable`, `evidence-empty`
 *  @see https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats */
export function readEvidence(text: string, file: string): Outcome<readonly ObservedCalls[]> {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return unreadable(file, 'This is not JSON.');
  }
  const status = stringAt(value, 'status');
  const result = valueAt(value, 'data', 'result');
  const type = stringAt(value, 'data', 'resultType');
  if (status !== 'success' || !isList(result) || (type !== 'vector' && type !== 'matrix'))
    return unreadable(
      file,
      status === 'error'
        ? `Prometheus answered with an error: ${stringAt(value, 'error') ?? 'without a reason'}.`
        : 'This is not a response of the Prometheus HTTP API to an instant or range query.',
    );
  const calls: ObservedCalls[] = [];
  for (const [index, series] of result.entries()) {
    const metric = objectAt(series, 'metric');
    const count = countOf(series);
    if (stringAt(metric, 'connection_security_policy') === undefined || count === undefined)
      return unreadable(
        file,
        `Series ${String(index + 1)} has ${count === undefined ? 'no number' : 'no label connection_security_policy'}.`,
      );
    if (stringAt(metric, 'reporter') === 'source') continue;
    calls.push({
      source: sideOf(metric, 'source'),
      destination: sideOf(metric, 'destination'),
      policy: stringAt(metric, 'connection_security_policy') ?? '',
      count,
    });
  }
  // No series at all is what a Prometheus that scrapes no proxy answers.
  if (calls.some(({ policy, count }) => policy === 'mutual_tls' && count > 0)) return success(calls);
  return failure({
    rule: 'evidence-empty',
    severity: 'error',
    message:
      'The response contains no call with mTLS either, so it proves nothing: the proxies may not be scraped at all.',
    fix: `Query all calls, not only those without mTLS: ${evidenceQuery}`,
    file,
  });
}

/** The calls without mTLS. */
export function plainCalls(calls: readonly ObservedCalls[]): readonly ObservedCalls[] {
  return calls.filter(({ policy, count }) => policy !== 'mutual_tls' && count > 0);
}

function unreadable(file: string, message: string): Outcome<never> {
  return failure({
    rule: 'evidence-unreadable',
    severity: 'error',
    message,
    fix: `Save the response of /api/v1/query for: ${evidenceQuery}`,
    file,
  });
}

/** The last sample of a series. */
function countOf(series: JsonValue): number | undefined {
  const sample = valueAt(series, 'value') ?? listAt(series, 'values').at(-1);
  const text = isList(sample) ? sample[1] : undefined;
  const count = typeof text === 'string' && text.trim() !== '' ? Number(text) : NaN;
  return Number.isNaN(count) ? undefined : count;
}

function sideOf(metric: JsonObject, side: 'source' | 'destination'): ObservedCalls['source'] {
  return {
    namespace: stringAt(metric, `${side}_workload_namespace`) ?? 'unknown',
    workload: stringAt(metric, `${side}_workload`) ?? 'unknown',
  };
}
