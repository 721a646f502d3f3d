import { isObject } from '../../../model/json.ts';
import { trafficPolicies } from '../../../mesh/destination-rule.ts';
import { says } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

const settings = ['connectionPool', 'loadBalancer', 'outlierDetection', 'tls'];
const settingsOfAll = ['portLevelSettings', 'tunnel', 'proxyProtocol', 'retryBudget'];

export default rule({
  id: 'traffic-policy-empty',
  severity: 'error',
  kinds: ['DestinationRule'],
  summary:
    'an empty traffic policy, port policy or connection pool in a DestinationRule, or a port policy without a port',
  why: 'The webhook rejects the DestinationRule. An empty policy usually comes from wrong indentation, or is left over after a setting was removed.',
  fix: 'Add a setting, or remove the block.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy'],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule'))
      for (const { path, policy } of trafficPolicies(resource)) {
        const part = { path, value: policy };
        const isOfPort = path.includes('portLevelSettings');
        if (!says(part, ...settings, ...(isOfPort ? [] : settingsOfAll)) && !hasUnknown(policy))
          yield {
            resource,
            path,
            at: 'key',
            message: `The ${isOfPort ? 'port policy' : 'traffic policy'} is empty.`,
          };
        if (isOfPort && !says(part, 'port'))
          yield { resource, path, at: 'key', message: 'The port policy has no "port".' };
        const { connectionPool } = policy;
        if (
          isObject(connectionPool) &&
          !says({ path, value: connectionPool }, 'tcp', 'http') &&
          Object.keys(connectionPool).every((key) => key === 'tcp' || key === 'http')
        )
          yield {
            resource,
            path: [...path, 'connectionPool'],
            at: 'key',
            message: 'The connection pool sets neither "tcp" nor "http".',
          };
      }
  },
});

/** schema-violation reports unknown fields. */
function hasUnknown(policy: object): boolean {
  const known = [...settings, ...settingsOfAll, 'port'];
  return Object.keys(policy).some((key) => !known.includes(key));
}
