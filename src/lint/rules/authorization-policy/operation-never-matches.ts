import { conditionValues, rulesOf, valuesIn } from '../../../mesh/policy-rule.ts';
import { hasStarsThatCount } from '../../../k8s/policy-text.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'operation-never-matches',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'a path, host or method in an AuthorizationPolicy that no request can have',
  why: 'Values match exactly, with an optional `*` at the start or the end, and in paths `{*}` and `{**}`; they are not regular expressions. A path starts with `/` and has no query; a host has neither scheme nor path. Istio accepts other values, but they match nothing: an ALLOW denies with a 403, and a DENY protects nothing.',
  fix: 'Write the exact value, a prefix (`/api/*`), a suffix (`*.html`), or a template (`/users/{*}/orders`).',
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/security/authorization-policy/#Operation'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy'))
      for (const { operations, conditions } of rulesOf(resource)) {
        const paths = [
          ...valuesIn(operations, 'paths', 'notPaths'),
          ...conditionValues(conditions, 'request.url_path'),
        ];
        for (const { path, text } of paths) {
          const why = wrongPath(text);
          if (why !== undefined)
            yield { resource, path, message: `The path "${text}" never matches: ${why}.` };
        }
        for (const { path, text } of valuesIn(operations, 'hosts', 'notHosts'))
          if (text.includes('/'))
            yield {
              resource,
              path,
              message: `The host "${text}" never matches: a Host header has no scheme or path.`,
            };
          else if (!hasStarsThatCount(text)) yield { resource, path, message: wildcard(text) };
        for (const { path, text } of valuesIn(operations, 'methods', 'notMethods'))
          if (!hasStarsThatCount(text)) yield { resource, path, message: wildcard(text) };
      }
  },
});

function wildcard(text: string): string {
  return `"${text}" never matches: "*" is a wildcard only at the start or the end.`;
}

function wrongPath(text: string): string | undefined {
  if (text === '' || text.includes('{')) return undefined;
  if (/\.\*|^\^|\$$|\\|\([^(|]*\||\[[^[\]]{1,20}\][+*]/.test(text.slice(0, 300)))
    return 'it is written as a regular expression';
  if (!/^[/*]/.test(text)) return 'a path starts with "/"';
  if (text.includes('?')) return 'the query after "?" is not part of the path';
  return hasStarsThatCount(text) ? undefined : '"*" is a wildcard only at the start or the end';
}
