import { stringAt } from '../../../model/json.ts';
import { partsIn, specOf, textsIn, type Part } from '../../facts/part.ts';
import { isIpAddress, isNetwork, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

type FieldCheck = (text: string) => string | undefined;

export default rule({
  id: 'policy-value-malformed',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'an AuthorizationPolicy with an invalid address, port, path, service account or trust domain',
  why: 'The webhook rejects the policy. Addresses take a prefix length instead of wildcards, ports are quoted numbers, service accounts are `name` or `namespace/name` without wildcards, and a path has `*` at one end, or `{*}` and `{**}` as whole segments.',
  fix: 'Use a value such as `10.0.0.0/8`, `"8080"`, `/api/*`, `/api/{*}/items` or `shop/frontend`.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      const rules = (...keys: readonly string[]) => partsIn(specOf(resource), 'rules', ...keys);
      for (const source of rules('from', 'source'))
        for (const details of mistakes(source, sources)) yield { resource, ...details };
      for (const operation of rules('to', 'operation'))
        for (const details of mistakes(operation, operations)) yield { resource, ...details };
      for (const condition of rules('when')) {
        const check = conditions.get(stringAt(condition.value, 'key') ?? '');
        if (check === undefined) continue;
        for (const details of mistakes(condition, { values: check, notValues: check }))
          yield { resource, ...details };
      }
    }
  },
});

const address: FieldCheck = (text) =>
  (text.includes('/') ? isNetwork(text) : isIpAddress(text))
    ? undefined
    : 'is not an IP address or CIDR range';
const port: FieldCheck = (text) =>
  /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? undefined : 'is not a valid port';
const account: FieldCheck = (text) => {
  if (text.includes('*')) return "has a wildcard, which a service account can't have";
  const parts = text.split('/');
  return parts.length > 2 || parts.includes('') || text.length > 320
    ? 'is not of the form "name" or "namespace/name"'
    : undefined;
};
const wildcard: FieldCheck = (text) => {
  const stars = text.split('*').length - 1;
  return stars > 1 || (stars === 1 && !text.startsWith('*') && !text.endsWith('*'))
    ? 'has a wildcard that is not at the start or the end'
    : undefined;
};
const trustDomain: FieldCheck = (text) => (text.includes('/') ? 'is not a trust domain' : wildcard(text));

const sources: Readonly<Record<string, FieldCheck>> = both({
  ipBlocks: address,
  remoteIpBlocks: address,
  serviceAccounts: account,
  trustDomains: trustDomain,
});
const operations: Readonly<Record<string, FieldCheck>> = both({ ports: port, paths: pathMistake });
const conditions: ReadonlyMap<string, FieldCheck> = new Map([
  ['source.ip', address],
  ['remote.ip', address],
  ['destination.ip', address],
  ['destination.port', port],
  ['source.serviceAccount', account],
  ['source.trustDomain', wildcard],
]);

function both(checks: Readonly<Record<string, FieldCheck>>): Readonly<Record<string, FieldCheck>> {
  const not = Object.entries(checks).map(([name, check]) => [
    `not${name.slice(0, 1).toUpperCase()}${name.slice(1)}`,
    check,
  ]);
  return { ...checks, ...(Object.fromEntries(not) as Record<string, FieldCheck>) };
}

function* mistakes(part: Part, checks: Readonly<Record<string, FieldCheck>>) {
  for (const [field, check] of Object.entries(checks))
    for (const { path, text } of textsIn(part, field)) {
      const mistake = text === '' ? undefined : check(text);
      if (mistake !== undefined) yield { path, message: `${quoted(text)} ${mistake}.` };
    }
}

function isThere(part: string): boolean {
  return part !== '';
}

/** Path templates have `{*}` and `{**}` as whole segments, and `{**}` comes last. */
function pathMistake(text: string): string | undefined {
  const isTemplate = text.includes('{*}') || text.includes('{**}');
  let rest = false;
  const parts = text.split('/');
  const [first, last] = [parts.findIndex(isThere), parts.findLastIndex(isThere)];
  for (const part of parts.slice(Math.max(first, 0), last + 1)) {
    if (part === '{*}' || part === '{**}') {
      if (rest) return 'has a wildcard segment after {**}';
      rest = part === '{**}';
    } else if (/[{}]/.test(part)) return 'has braces other than {*} and {**} as whole segments';
    else if (isTemplate && !/^[-a-zA-Z0-9._~%!$&'()+,;:@=]+$/.test(part))
      return `contains ${quoted(part)}, which a path template with {*} does not allow`;
  }
  return undefined;
}
