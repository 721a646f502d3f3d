import { isObject, objectAt, stringAt, type JsonValue, type YamlPath } from '../../../model/json.ts';
import { entriesIn, partsIn, specOf, textsIn, type Part } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isDnsLabel, isNetwork, isPort, quoted, regexMistake } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';
import type { FindingDetails } from '../../rule.ts';

export default rule({
  id: 'route-match-malformed',
  severity: 'error',
  kinds: ['VirtualService'],
  summary:
    'a route match with an empty prefix, a regular expression that RE2 does not support, or an invalid port, CIDR range or header',
  why: 'The webhook rejects the VirtualService. Regular expressions use RE2: no lookahead or lookbehind, no backreferences, and at most 1024 characters. Only the prefix of a path may be empty.',
  fix: 'Rewrite the expression for RE2, or use `prefix` or `exact`.',
  equivalent: ['IST0106'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest',
    'https://github.com/google/re2/wiki/Syntax',
  ],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService')) {
      const spec = specOf(resource);
      for (const match of partsIn(spec, 'http', 'match'))
        for (const details of httpMistakes(match)) yield { resource, ...details };
      for (const kind of ['http', 'tcp', 'tls'])
        for (const match of partsIn(spec, kind, 'match'))
          for (const details of commonMistakes(match)) yield { resource, ...details };
      for (const { path, value } of partsIn(spec, 'http', 'corsPolicy', 'allowOrigins'))
        yield* [...textMistakes(value, path, 'the origin', false)].map((details) => ({
          resource,
          ...details,
        }));
      for (const { path, text } of textsIn(spec, 'http', 'rewrite', 'uriRegexRewrite', 'match')) {
        const mistake = regexMistake(text);
        if (mistake !== undefined && text !== '')
          yield { resource, path, message: `The regular expression ${quoted(text)} ${mistake}.` };
      }
    }
  },
});

/** Names of HTTP headers and of pseudo-headers. */
const header = /^[-_A-Za-z0-9!#$%&'*+.^`|~]+$/;
const pseudo = /^:(method|scheme|authority|path|status)$/;
const claim = /^@request\.auth\.claims(\..|\[.+\]$)/i;

function* httpMistakes(match: Part): Iterable<FindingDetails> {
  for (const field of ['headers', 'withoutHeaders'])
    for (const { path, key, value } of entriesIn(match, field)) {
      if (key === '' || !(claim.test(key) || pseudo.test(key) || header.test(key)))
        yield { path, at: 'key', message: `${quoted(key)} is not a valid header name.` };
      // In withoutHeaders a lone star is not an expression: it means that the header is present.
      if (field === 'headers' || stringAt(value, 'regex') !== '*')
        yield* textMistakes(value, path, `the header ${quoted(key)}`, false);
    }
  for (const { path, key, value } of entriesIn(match, 'queryParams'))
    yield* textMistakes(value, path, `the parameter ${quoted(key)}`, false);
  for (const field of ['uri', 'scheme', 'method', 'authority'])
    for (const { path, value } of partsIn(match, field))
      yield* textMistakes(value, path, `"${field}"`, field === 'uri');
  const namespace = stringAt(match.value, 'sourceNamespace');
  if (namespace !== undefined && namespace !== '' && !hasPlaceholder(namespace) && !isDnsLabel(namespace))
    yield {
      path: [...match.path, 'sourceNamespace'],
      message: `${quoted(namespace)} is not a namespace name.`,
    };
}

function* textMistakes(
  value: JsonValue,
  path: YamlPath,
  what: string,
  mayBeEmpty: boolean,
): Iterable<FindingDetails> {
  if (!isObject(value)) return;
  const { prefix, regex } = value;
  if (prefix === '' && !mayBeEmpty)
    yield {
      path: [...path, 'prefix'],
      message: `The prefix of ${what} is empty, so it does not restrict anything.`,
      fix: 'Remove the match, or use regex: ".*".',
    };
  if (typeof regex !== 'string' || hasPlaceholder(regex)) return;
  const mistake = regexMistake(regex);
  if (mistake !== undefined)
    yield { path: [...path, 'regex'], message: `The regular expression for ${what} ${mistake}.` };
}

function* commonMistakes(match: Part): Iterable<FindingDetails> {
  const { port } = objectAt(match.value);
  if (typeof port === 'number' && port !== 0 && !isPort(port))
    yield { path: [...match.path, 'port'], message: `${String(port)} is not a valid port.` };
  for (const { path, text } of textsIn(match, 'destinationSubnets'))
    if (!isNetwork(text)) yield { path, message: `${quoted(text)} is not an IP address or CIDR range.` };
}
