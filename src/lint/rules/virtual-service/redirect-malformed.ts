import { partsIn, says, specOf, type Part } from '../../facts/part.ts';
import { isObject, stringAt } from '../../../model/json.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';
import type { FindingDetails } from '../../rule.ts';

export default rule({
  id: 'redirect-malformed',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a redirect or rewrite that changes nothing or contradicts itself',
  why: 'The webhook rejects it. The code of a redirect must be 3xx, and its scheme http or https. A rewrite changes the path either with `uri` or with a regular expression, and sets the authority in one place only.',
  fix: 'State each change exactly once.',
  equivalent: ['IST0106'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRedirect',
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRewrite',
  ],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      for (const route of partsIn(specOf(resource), 'http'))
        for (const details of [...redirects(route), ...rewrites(route)]) yield { resource, ...details };
  },
});

function* redirects(route: Part): Iterable<FindingDetails> {
  for (const redirect of partsIn(route, 'redirect')) {
    const { path, value } = redirect;
    if (says(redirect, 'uri') && says(redirect, 'prefixRewrite'))
      yield {
        path: [...path, 'prefixRewrite'],
        at: 'key',
        message: '"uri" and "prefixRewrite" are mutually exclusive.',
      };
    if (says(redirect, 'prefixRewrite'))
      for (const uri of partsIn(route, 'match', 'uri'))
        if (!Object.hasOwn(uri.value, 'prefix'))
          yield {
            path: uri.path,
            at: 'key',
            message: 'The redirect has a "prefixRewrite", but this match has no prefix.',
          };
    if (!says(redirect, 'uri', 'prefixRewrite', 'authority', 'port', 'derivePort', 'scheme'))
      yield { path, at: 'key', message: 'The redirect changes nothing.' };
    const { redirectCode, scheme } = value;
    if (typeof redirectCode === 'number' && redirectCode !== 0 && (redirectCode < 300 || redirectCode > 399))
      yield {
        path: [...path, 'redirectCode'],
        message: `${String(redirectCode)} is not a redirect code (3xx).`,
      };
    if (typeof scheme === 'string' && !['', 'http', 'https'].includes(scheme) && !hasPlaceholder(scheme))
      yield {
        path: [...path, 'scheme'],
        message: `The scheme must be http or https, not ${quoted(scheme)}.`,
      };
  }
}

function* rewrites(route: Part): Iterable<FindingDetails> {
  for (const rewrite of partsIn(route, 'rewrite')) {
    const { path, value } = rewrite;
    if (says(rewrite, 'uri') && says(rewrite, 'uriRegexRewrite'))
      yield {
        path: [...path, 'uriRegexRewrite'],
        at: 'key',
        message: '"uri" and "uriRegexRewrite" are mutually exclusive.',
      };
    if (!says(rewrite, 'uri', 'uriRegexRewrite', 'authority'))
      yield {
        path,
        at: 'key',
        message: `The rewrite changes nothing${value.uri === '' ? ': an empty "uri" has no effect' : ''}.`,
        ...(value.uri === '' && { fix: 'Set uri: /.' }),
      };
    for (const regex of partsIn(rewrite, 'uriRegexRewrite'))
      if (!says(regex, 'match') || !says(regex, 'rewrite'))
        yield {
          path: regex.path,
          at: 'key',
          message: '"uriRegexRewrite" requires both "match" and "rewrite".',
        };
  }
  const authorities: { path: Part['path'] }[] = [];
  for (const rewrite of partsIn(route, 'rewrite'))
    if ((stringAt(rewrite.value, 'authority') ?? '') !== '')
      authorities.push({ path: [...rewrite.path, 'authority'] });
  for (const kind of ['set', 'add'])
    for (const { path, value } of partsIn(route, 'headers', 'request', kind))
      if (isObject(value))
        for (const name of Object.keys(value))
          if (/^(:authority|host)$/i.test(name)) authorities.push({ path: [...path, name] });
  const [, second] = authorities;
  if (second !== undefined)
    yield { path: second.path, at: 'key', message: 'The authority (Host header) is set in two places.' };
}
