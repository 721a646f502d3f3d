import { isList, isObject, type JsonObject, type JsonValue, type YamlPath } from '../../../model/json.ts';
import { partsIn, says, specOf, textsIn } from '../../facts/part.ts';
import { rule } from '../../rule.ts';
import type { Finding } from '../../rule.ts';

const lists = [
  ['from', 'source'],
  ['to', 'operation'],
] as const;

const fields: Readonly<Record<string, readonly string[]>> = {
  source: [
    'principals',
    'requestPrincipals',
    'namespaces',
    'serviceAccounts',
    'trustDomains',
    'ipBlocks',
    'remoteIpBlocks',
  ],
  operation: ['hosts', 'ports', 'methods', 'paths'],
};

export default rule({
  id: 'policy-empty-entry',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'an AuthorizationPolicy rule with an empty `from`, `to`, `source`, `operation` or value',
  why: 'It could mean everybody or nobody, so the webhook rejects it. Only an empty `from` or `to` list is accepted, and it means everybody. It is what is left when the last entry of a list is deleted or a variable is empty.',
  fix: 'Remove the part to match everything, or add a value.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy'))
      for (const part of partsIn(specOf(resource), 'rules'))
        for (const [list, field] of lists) {
          const entries = part.value[list];
          if (isList(entries) && entries.length === 0)
            yield {
              resource,
              path: [...part.path, list],
              at: 'key',
              message: `"${list}" is an empty list, which Istio reads as ${list === 'from' ? 'everybody' : 'every operation'}.`,
            };
          if (!isList(entries)) continue;
          for (const [index, entry] of entries.entries())
            for (const details of emptiness(entry, [...part.path, list, index], field))
              yield { resource, ...details };
        }
  },
});

function* emptiness(entry: JsonValue, path: YamlPath, field: string): Iterable<Omit<Finding, 'resource'>> {
  if (!isObject(entry) || hasUnknown(entry, [field])) return;
  const inside = entry[field];
  if (inside === undefined || inside === null) {
    yield { path, message: `The entry has no "${field}".` };
    return;
  }
  if (!isObject(inside)) return;
  const part = { path: [...path, field], value: inside };
  const names = (fields[field] ?? []).flatMap((name) => [
    name,
    `not${name.slice(0, 1).toUpperCase()}${name.slice(1)}`,
  ]);
  if (!says(part, ...names) && !hasUnknown(inside, names))
    yield { path: part.path, at: 'key', message: `The "${field}" is empty.` };
  for (const name of names)
    for (const { path: at, text } of textsIn(part, name))
      if (text === '') yield { path: at, message: `A value of "${name}" is empty.` };
}

/** schema-violation reports unknown fields. */
function hasUnknown(value: JsonObject, known: readonly string[]): boolean {
  return Object.keys(value).some((key) => !known.includes(key));
}
