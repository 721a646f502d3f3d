import { partsIn, saying, specOf, textsIn } from '../../facts/part.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

const conditions: ReadonlySet<string> = new Set([
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
]);

export default rule({
  id: 'retry-policy-malformed',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'retries with an unknown condition, or with settings but no attempts',
  why: 'The webhook rejects it. `retryOn` is a comma-separated list without spaces, so it rejects `5xx, reset` because of ` reset`. It also rejects settings without `attempts`, whose default is 0.',
  fix: 'Set `attempts`, and write the conditions as `5xx,reset,connect-failure`.',
  equivalent: ['IST0106'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry',
    'https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on',
  ],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      for (const retries of partsIn(specOf(resource), 'http', 'retries')) {
        const { attempts = 0 } = retries.value;
        const [setting] = saying(retries, 'perTryTimeout', 'retryOn', 'retryRemoteLocalities');
        if (typeof attempts === 'number' && attempts < 0)
          yield {
            resource,
            path: [...retries.path, 'attempts'],
            message: `"attempts" can't be negative, but is ${String(attempts)}.`,
          };
        if (attempts === 0 && setting !== undefined)
          yield {
            resource,
            path: [...retries.path, setting],
            at: 'key',
            message: `"${setting}" has no effect, because the retries have no "attempts".`,
          };
        for (const { path, text } of textsIn(retries, 'retryOn')) {
          const wrong =
            text === ''
              ? undefined
              : text.split(',').find((each) => !conditions.has(each) && !isStatus(each));
          if (wrong === undefined) continue;
          const plain = text.replaceAll(/\s/g, '');
          yield {
            resource,
            path,
            message: `${quoted(wrong)} is not a retry condition that Envoy knows.`,
            ...(conditions.has(wrong.trim()) && { fix: `Write ${plain}, without spaces.` }),
          };
        }
      }
  },
});

/** Status codes that Go has a name for. */
function isStatus(text: string): boolean {
  if (!/^[1-5]\d\d$/.test(text)) return false;
  const code = Number(text);
  const ranges: readonly (readonly [number, number])[] = [
    [100, 103],
    [200, 208],
    [226, 226],
    [300, 305],
    [307, 308],
    [400, 418],
    [421, 426],
    [428, 429],
    [431, 431],
    [451, 451],
    [500, 508],
    [510, 511],
  ];
  return ranges.some(([from, to]) => code >= from && code <= to);
}
