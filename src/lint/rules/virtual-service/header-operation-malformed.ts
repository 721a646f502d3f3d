import { entriesIn, specOf, textsIn } from '../../facts/part.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'header-operation-malformed',
  severity: 'error',
  kinds: ['VirtualService'],
  summary:
    'a header operation on Host or a pseudo-header, a header value with a single %, or an invalid CORS method or header',
  why: 'The webhook rejects it. `Host` can be set only on requests and never removed; headers that start with `:` are reserved. In a value, `%` starts an Envoy variable, so a literal percent sign is written `%%`.',
  fix: 'Use `rewrite.authority` for the host, and write a literal percent sign as `%%`.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#Headers-HeaderOperations'],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService')) {
      const spec = specOf(resource);
      for (const at of [['http'], ['http', 'route']])
        for (const side of ['request', 'response']) {
          const keys = [...at, 'headers', side];
          for (const operation of ['set', 'add'])
            for (const { path, key, value } of entriesIn(spec, ...keys, operation)) {
              const isHost = /^(:authority|host)$/i.test(key);
              if (key === '' || ((key.startsWith(':') || isHost) && !(isHost && side === 'request')))
                yield {
                  resource,
                  path,
                  at: 'key',
                  message: `The ${side} header ${quoted(key)} can't be set.`,
                };
              if (typeof value === 'string' && hasLonePercent(value))
                yield {
                  resource,
                  path,
                  message: `The header value ${quoted(value)} starts a variable with "%" but does not close it.`,
                };
            }
          for (const { path, text } of textsIn(spec, ...keys, 'remove'))
            if (text === '' || text.startsWith(':') || text.toLowerCase() === 'host')
              yield { resource, path, message: `The ${side} header ${quoted(text)} can't be removed.` };
        }
      for (const { path, text } of textsIn(spec, 'http', 'corsPolicy', 'allowMethods'))
        if (!methods.has(text))
          yield { resource, path, message: `${quoted(text)} is neither an upper-case HTTP method nor "*".` };
      for (const field of ['allowHeaders', 'exposeHeaders'])
        for (const { path, text } of textsIn(spec, 'http', 'corsPolicy', field))
          if (text !== '*' && !/^[-_A-Za-z0-9!#$%&'*+.^`|~]+$/.test(text))
            yield { resource, path, message: `${quoted(text)} is not a valid header name.` };
    }
  },
});

const methods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  '*',
]);

/** Whether a variable (`%NAME%` or `%NAME(…)%`) is opened but not closed. */
function hasLonePercent(value: string): boolean {
  const text = value.replaceAll('%%', '');
  if (text.includes('(')) return false;
  return text.split('%').length % 2 === 0;
}
