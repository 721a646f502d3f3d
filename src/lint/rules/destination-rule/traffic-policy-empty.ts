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
    'a traffic policy, port policy or connection pool of a DestinationRule that sets nothing, or a port policy without a port',
  why: 'The webhook refuses the DestinationRule. An empty policy is mostly a wrong indentation, or what was left when a setting was deleted.',
  fix: 'Set something, or delete the block.',
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
            message: `The ${isOfPort ? 'policy of a port' : 'traffic policy'} sets nothing.`,
          };
        if (isOfPort && !says(part, 'port'))
          yield { resource, path, at: 'key', message: 'The policy of a port does not say which.' };
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
            message: 'The connection pool sets nothing, neither of "tcp" nor of "http".',
          };
      }
  },
});

/** Fields that there are not are told as that. */
function hasUnknown(policy: object): boolean {
  const known = [...settings, ...settingsOfAll, 'port'];
  return Object.keys(policy).some((key) => !known.includes(key));
}
