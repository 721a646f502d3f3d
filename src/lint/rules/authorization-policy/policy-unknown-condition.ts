import { stringAt } from '../../../model/json.ts';
import { partsIn, says, specOf } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { quoted } from '../../facts/syntax.ts';
import { nearest } from '../../schema/nearest.ts';
import { rule } from '../../rule.ts';

const attributes = [
  'source.ip',
  'remote.ip',
  'source.namespace',
  'source.serviceAccount',
  'source.principal',
  'source.trustDomain',
  'request.auth.principal',
  'request.auth.audiences',
  'request.auth.presenter',
  'destination.ip',
  'destination.port',
  'connection.sni',
];
/** These have a name in brackets. */
const named = ['request.headers', 'request.auth.claims', 'experimental.envoy.filters.'];

export default rule({
  id: 'policy-unknown-condition',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'an AuthorizationPolicy condition (`when`) with an unknown attribute, or without values',
  why: 'The webhook rejects the policy. Headers and claims take their name in brackets, `request.headers[x-user]`. Use the selector and the namespace of the policy instead of labels and namespace of the destination.',
  fix: 'Use a supported attribute, with `values` or `notValues`.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/security/conditions/'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy'))
      for (const condition of partsIn(specOf(resource), 'rules', 'when')) {
        const { path, value } = condition;
        const key = stringAt(value, 'key');
        if (key === undefined || hasPlaceholder(key)) continue;
        const mistake = mistakeOf(key);
        if (mistake !== undefined) yield { resource, path: [...path, 'key'], ...mistake };
        else if (!says(condition, 'values', 'notValues'))
          yield {
            resource,
            path: [...path, 'key'],
            message: `The condition on ${quoted(key)} has no values.`,
          };
      }
  },
});

function mistakeOf(key: string): { message: string; fix?: string } | undefined {
  if (attributes.includes(key)) return undefined;
  if (key === '') return { message: 'The condition has an empty key.' };
  const prefix = named.find((each) => key.startsWith(each));
  if (prefix !== undefined) {
    const open = key.indexOf('[');
    if (key.endsWith(']') && open > 0 && open < key.length - 2) return undefined;
    return { message: `${quoted(key)} needs a name in brackets.`, fix: `Use ${prefix}[name].` };
  }
  if (key === 'destination.namespace')
    return { message: "Conditions can't use the namespace of the destination: it is that of the policy." };
  if (key.startsWith('destination.labels'))
    return {
      message: "Conditions can't use labels of the destination.",
      fix: 'Use the selector of the policy.',
    };
  const meant = nearest(key, attributes);
  return {
    message: `${quoted(key)} is not a supported attribute${meant === undefined ? '' : `, but "${meant}" is`}.`,
    ...(meant !== undefined && { fix: `Use ${meant}.` }),
  };
}
