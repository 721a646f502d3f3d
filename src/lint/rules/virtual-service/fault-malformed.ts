import { isObject } from '../../../model/json.ts';
import { partsIn, says, specOf, type Part } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';
import type { Finding } from '../../rule.ts';

type Told = Omit<Finding, 'resource'>;

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
  summary:
    'a fault, mirror or direct response with a status or percentage that is none, or that does nothing',
  why: 'The webhook refuses it: percentages go from 0 to 100, a status of HTTP from 200 to 600, and a fault delays or aborts. An abort without a status is only warned about, and does nothing. `mirrorPercent` is deprecated.',
  fix: 'Write `abort: {httpStatus: 503, percentage: {value: 10}}`, or a `delay` with `fixedDelay`.',
  equivalent: ['IST0106', 'IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection'],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      for (const route of partsIn(specOf(resource), 'http'))
        for (const told of [...faults(route), ...mirrors(route), ...responses(route)])
          yield { resource, ...told };
  },
});

function* faults(route: Part): Iterable<Told> {
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
          message: `gRPC has no status ${quoted(grpcStatus)}.`,
          fix: 'Write a name such as UNAVAILABLE.',
        };
      if (says(abort, 'http2Error'))
        yield {
          path: [...abort.path, 'http2Error'],
          at: 'key',
          message: "Istio can't abort by an error of HTTP/2.",
        };
      else if (!says(abort, 'httpStatus', 'grpcStatus'))
        yield {
          path: abort.path,
          at: 'key',
          severity: 'warning',
          message: 'The abort names no status, and so aborts nothing.',
        };
    }
    for (const delay of partsIn(fault, 'delay'))
      if (says(delay, 'exponentialDelay'))
        yield {
          path: [...delay.path, 'exponentialDelay'],
          at: 'key',
          message: "Istio can't delay exponentially yet.",
          fix: 'Write fixedDelay.',
        };
  }
}

function* mirrors(route: Part): Iterable<Told> {
  yield* percentages(route, 'mirrorPercentage');
  yield* percentages(route, 'mirrors', 'percentage');
  const { mirrorPercent } = route.value;
  if (mirrorPercent === undefined || mirrorPercent === null) return;
  const path = [...route.path, 'mirrorPercent'];
  if (typeof mirrorPercent === 'number' && mirrorPercent > 100)
    yield { path, message: `A percentage is 100 at most, and this is ${String(mirrorPercent)}.` };
  else
    yield {
      path,
      at: 'key',
      severity: 'warning',
      message: '"mirrorPercent" is deprecated.',
      fix: 'Write mirrorPercentage: {value: …}.',
    };
}

function* responses(route: Part): Iterable<Told> {
  for (const response of partsIn(route, 'directResponse')) {
    yield* status(response, 'status');
    const { body } = response.value;
    const text = isObject(body) ? (body.string ?? body.bytes) : undefined;
    const size = typeof text === 'string' ? text.length : 0;
    if (size > 1024 * 1024)
      yield {
        path: [...response.path, 'body'],
        at: 'key',
        message: 'The response is larger than 1 MB, and goes to every proxy.',
      };
    else if (size > 100 * 1024)
      yield {
        path: [...response.path, 'body'],
        at: 'key',
        severity: 'warning',
        message: 'The response is larger than 100 kB, and goes to every proxy.',
      };
  }
}

function* status({ path, value }: Part, field: string): Iterable<Told> {
  const code = value[field];
  if (typeof code === 'number' && (code < 200 || code > 600))
    yield { path: [...path, field], message: `${String(code)} is no status of HTTP from 200 to 599.` };
}

function* percentages(part: Part, ...keys: readonly string[]): Iterable<Told> {
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
        message: `${String(percent)} is no percentage from 0${isTiny ? '.0001' : ''} to 100.`,
      };
  }
}
