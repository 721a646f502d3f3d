import { isList, stringAt } from '../../../model/json.ts';
import { partsIn, says, specOf, textsIn, type Part } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';
import type { FindingDetails } from '../../rule.ts';

export default rule({
  id: 'jwt-rule-malformed',
  severity: 'error',
  kinds: ['RequestAuthentication'],
  summary: 'a JWT rule without an issuer, with two sources of keys, or with an empty name',
  why: 'The CRD or the webhook rejects it. A rule needs `issuer` or `jwksUri`, a single source of keys, and a URI that starts with http:// or https://. Private keys in `jwks` are accepted with a warning, and anyone who can read the repository can then read them.',
  fix: 'Set `issuer` exactly as the token states it, and its `jwksUri`.',
  equivalent: ['IST0106', 'IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/security/jwt/'],
  *check(inventory) {
    for (const resource of inventory.of('RequestAuthentication'))
      for (const part of partsIn(specOf(resource), 'jwtRules'))
        for (const details of mistakes(part)) yield { resource, ...details };
  },
});

function* mistakes(part: Part): Iterable<FindingDetails> {
  const { path, value } = part;
  const uris = ['jwksUri', 'jwks_uri'];
  if (!says(part, 'issuer', ...uris))
    yield { path, message: 'The rule has neither an "issuer" nor a "jwksUri".' };
  if (Object.hasOwn(value, 'jwks') && uris.some((field) => Object.hasOwn(value, field)))
    yield { path: [...path, 'jwks'], at: 'key', message: '"jwks" and "jwksUri" are mutually exclusive.' };
  for (const field of uris)
    for (const { path: at, text } of textsIn(part, field))
      if (text !== '' && !/^https?:\/\//i.test(text))
        yield {
          path: at,
          message: `"${field}" must start with http:// or https://, but is ${quoted(text)}.`,
        };
  for (const field of ['audiences', 'fromParams', 'fromCookies'])
    for (const { path: at, text } of textsIn(part, field))
      if (text === '') yield { path: at, message: `"${field}" has an empty item.` };
  for (const { path: at, text } of textsIn(part, 'fromHeaders', 'name'))
    if (text === '') yield { path: at, message: 'The header has an empty name.' };
  for (const output of partsIn(part, 'outputClaimToHeaders'))
    for (const field of ['header', 'claim'])
      if (output.value[field] === '')
        yield { path: [...output.path, field], message: `The ${field} has an empty name.` };
  const jwks = stringAt(value, 'jwks') ?? '';
  if (jwks !== '' && !hasPlaceholder(jwks)) yield* keys(jwks, [...path, 'jwks']);
}

function* keys(text: string, path: Part['path']): Iterable<FindingDetails> {
  const set = parse(text);
  if (set === undefined) {
    yield { path, message: '"jwks" is not a JSON document with a list of keys.' };
    return;
  }
  for (const key of set)
    if (typeof key === 'object' && key !== null && ('d' in key || ('kty' in key && key.kty === 'oct')))
      yield {
        path,
        severity: 'warning',
        message: '"jwks" contains a private key.',
        fix: 'Revoke the key, and list only public keys.',
      };
}

/** The keys of a set, or the one key; undefined: no such thing. */
function parse(text: string): readonly unknown[] | undefined {
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found !== 'object' || found === null) return undefined;
    if ('keys' in found) return isList(found.keys as never) ? (found.keys as readonly unknown[]) : undefined;
    return 'kty' in found ? [found] : undefined;
  } catch {
    return undefined;
  }
}
