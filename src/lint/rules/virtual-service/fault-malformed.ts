import { isObject } from '../../../model/json.ts';
import { partsIn, says, specOf, type Part } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';
import type { FindingDetails } from '../../rule.ts';

const grpcStatuses: ReadonlySet<string> = new Set(
  [
    'OK',
    'CANCELLED',
    'UNKNOWN',
    'INVALID_ARGUMENT',
    'DEADLINE_EXCEEDED',
    'NOT_FOUND',
    'ALREADY_EXISTS',
  ].concat(
    [
      'PERMISSION_DENIED',
      'RESOURCE_EXHAUSTED',
      'FAILED_PRECONDITION',
      'ABORTED',
      'OUT_OF_RANGE',
      'UNIMPLEMENTED',
    ],
    ['INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
  ),
);

export default rule({
  id: 'fault-malformed',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a fault, mirror or direct response with an invalid status or percentage, or without effect',
  why: 'The webhook rejects it: percentages range from 0 to 100, HTTP statuses from 200 to 599, and a fault must delay or abort. An abort without a status has no effect, which is only a warning. `mirrorPercent` is deprecated.',
  fix: 'Use `abort: {httpStatus: 503, percentage: {value: 10}}`, or a `delay` with `fixedDelay`.',
  equivalent: ['IST0106', 'IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection'],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      for (const route of partsIn(specOf(resource), 'http'))
        for (const details of [...faults(route), ...mirrors(route), ...responses(route)])
          yield { resource, ...details };
  },
});

function* faults(route: Part): Iterable<FindingDetails> {
  for (const fault of partsIn(route, 'fault')) {
    if (!says(fault, 'abort', 'delay'))
      yield { path: fault.path, at: 'key', message: 'The fault neither aborts nor delays.' };
    for (const kind of ['abort', 'delay']) yield* percentages(fault, kind, 'percentage');
    for (const abort of partsIn(fault, 'abort')) {
      const { grpcStatus } = abort.value;
      yield* status(abort, 'httpStatus');
      if (typeof grpcStatus === 'string' && !grpcStatuses.has(grpcStatus) && !hasPlaceholder(grpcStatus))
        yield {
          path: [...abort.path, 'grpcStatus'],
          message: `${quoted(grpcStatus)} is not a gRPC status.`,
          fix: 'Use a name such as UNAVAILABLE.',
        };
      if (says(abort, 'http2Error'))
        yield {
          path: [...abort.path, 'http2Error'],
          at: 'key',
          message: 'Istio does not support aborting with an HTTP/2 error.',
        };
      else if (!says(abort, 'httpStatus', 'grpcStatus'))
        yield {
          path: abort.path,
          at: 'key',
          severity: 'warning',
          message: 'The abort has no status, so it has no effect.',
        };
    }
    for (const delay of partsIn(fault, 'delay'))
      if (says(delay, 'exponentialDelay'))
        yield {
          path: [...delay.path, 'exponentialDelay'],
          at: 'key',
          message: 'Istio does not support exponential delays.',
          fix: 'Use fixedDelay.',
        };
  }
}

function* mirrors(route: Part): Iterable<FindingDetails> {
  yield* percentages(route, 'mirrorPercentage');
  yield* percentages(route, 'mirrors', 'percentage');
  const { mirrorPercent } = route.value;
  if (mirrorPercent === undefined || mirrorPercent === null) return;
  const path = [...route.path, 'mirrorPercent'];
  if (typeof mirrorPercent === 'number' && mirrorPercent > 100)
    yield { path, message: `"mirrorPercent" can't exceed 100, but is ${String(mirrorPercent)}.` };
  else
    yield {
      path,
      at: 'key',
      severity: 'warning',
      message: '"mirrorPercent" is deprecated.',
      fix: 'Use mirrorPercentage: {value: …}.',
    };
}

function* responses(route: Part): Iterable<FindingDetails> {
  for (const response of partsIn(route, 'directResponse')) {
    yield* status(response, 'status');
    const { body } = response.value;
    const text = isObject(body) ? (body.string ?? body.bytes) : undefined;
    const size = typeof text === 'string' ? text.length : 0;
    if (size > 1024 * 1024)
      yield {
        path: [...response.path, 'body'],
        at: 'key',
        message: 'The response body is larger than 1 MB, and Istio sends it to every proxy.',
      };
    else if (size > 100 * 1024)
      yield {
        path: [...response.path, 'body'],
        at: 'key',
        severity: 'warning',
        message: 'The response body is larger than 100 kB, and Istio sends it to every proxy.',
      };
  }
}

function* status({ path, value }: Part, field: string): Iterable<FindingDetails> {
  const code = value[field];
  if (typeof code === 'number' && (code < 200 || code > 600))
    yield {
      path: [...path, field],
      message: `"${field}" must be an HTTP status from 200 to 599, not ${String(code)}.`,
    };
}

function* percentages(part: Part, ...keys: readonly string[]): Iterable<FindingDetails> {
  for (const { path, value } of partsIn(part, ...keys)) {
    const percent = value.value;
    const isTiny =
      keys[0] !== 'mirrorPercentage' &&
      keys[0] !== 'mirrors' &&
      typeof percent === 'number' &&
      percent > 0 &&
      percent < 0.0001;
    if (typeof percent === 'number' && (percent < 0 || percent > 100 || isTiny))
      yield {
        path: [...path, 'value'],
        message: `The percentage must be between 0${isTiny ? '.0001' : ''} and 100, not ${String(percent)}.`,
      };
  }
}
