import { isObject, objectAt, type JsonObject, type YamlPath } from '../../../model/json.ts';
import { trafficPolicies } from '../../../mesh/destination-rule.ts';
import { partsIn, says } from '../../facts/part.ts';
import { rule } from '../../rule.ts';
import type { FindingDetails } from '../../rule.ts';

export default rule({
  id: 'load-balancer-malformed',
  severity: 'error',
  kinds: ['DestinationRule'],
  summary:
    'a load balancer with locality weights that do not add up to 100, conflicting settings, or a failover that can never happen',
  why: 'The webhook rejects the DestinationRule. Only the failover is accepted, but without `outlierDetection` no endpoint ever counts as unhealthy, so nothing fails over when the zone is down.',
  fix: 'Make the weights of a `distribute` entry add up to 100, keep either `distribute` or `failover`, and add `outlierDetection` to a failover.',
  equivalent: ['IST0106', 'IST0133'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings',
    'https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/failover/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule'))
      for (const { path, policy } of trafficPolicies(resource)) {
        const { loadBalancer } = policy;
        if (!isObject(loadBalancer)) continue;
        const hasOutlier = isObject(policy.outlierDetection);
        for (const details of mistakes(loadBalancer, [...path, 'loadBalancer'], hasOutlier))
          yield { resource, ...details };
      }
  },
});

function* mistakes(value: JsonObject, path: YamlPath, hasOutlier: boolean): Iterable<FindingDetails> {
  const part = { path, value };
  const hash = objectAt(value, 'consistentHash');
  const hashPath = [...path, 'consistentHash'];
  if (says({ path: hashPath, value: hash }, 'minimumRingSize') && hash.minimumRingSize !== 0)
    yield {
      path: [...hashPath, 'minimumRingSize'],
      at: 'key',
      severity: 'warning',
      message: '"minimumRingSize" is deprecated.',
      fix: 'Use ringHash: {minimumRingSize: …}.',
    };
  const names = new Set<unknown>();
  for (const {
    path: at,
    value: { name },
  } of partsIn({ path: hashPath, value: hash }, 'httpCookie', 'attributes')) {
    if (name !== undefined && names.has(name))
      yield { path: at, message: 'The cookie has another attribute with the same name.' };
    names.add(name);
  }
  if (objectAt(hash, 'httpCookie').name === '')
    yield { path: [...hashPath, 'httpCookie', 'name'], message: 'The cookie has an empty name.' };
  for (const {
    path: at,
    value: { tableSize = 0 },
  } of partsIn({ path: hashPath, value: hash }, 'maglev'))
    if (typeof tableSize === 'number' && !(tableSize < 5_000_011 && isPrime(tableSize)))
      yield {
        path: at,
        at: 'key',
        message: `Maglev's "tableSize" must be a prime number below 5000011, but is ${String(tableSize)}.`,
      };
  if (says(part, 'localityLbSetting') && says(part, 'zoneAwareLbSetting'))
    yield {
      path: [...path, 'zoneAwareLbSetting'],
      at: 'key',
      message: '"localityLbSetting" and "zoneAwareLbSetting" are mutually exclusive.',
    };
  for (const setting of ['localityLbSetting', 'zoneAwareLbSetting'])
    for (const each of partsIn(part, setting)) {
      if (says(each, 'distribute') && says(each, 'failover')) {
        yield {
          path: [...each.path, 'failover'],
          at: 'key',
          message: '"distribute" and "failover" are mutually exclusive.',
        };
        continue;
      }
      const field = ['failover', 'failoverPriority'].find((name) => says(each, name));
      if (field !== undefined && !hasOutlier)
        yield {
          path: [...each.path, field],
          at: 'key',
          severity: 'warning',
          message: `"${field}" has no effect without "outlierDetection": no endpoint ever counts as unhealthy.`,
        };
      for (const {
        path: at,
        value: { from, to },
      } of partsIn(each, 'failover')) {
        if (from !== undefined && from === to)
          yield { path: at, message: 'The failover goes from a region to itself.' };
        if ([from, to].some((region) => typeof region === 'string' && /[*/]/.test(region)))
          yield { path: at, message: 'A failover takes regions only, without zones or wildcards.' };
      }
      for (const { path: at, value: entry } of partsIn(each, 'distribute')) {
        const weights = Object.values(objectAt(entry, 'to'));
        if (!weights.every((weight) => typeof weight === 'number')) continue;
        const sum = weights.reduce((total: number, weight) => total + weight, 0);
        if (sum !== 100 || weights.some((weight) => weight < 1))
          yield {
            path: [...at, 'to'],
            at: 'key',
            message:
              sum === 100
                ? 'The weight of a locality must be at least 1.'
                : `The locality weights add up to ${String(sum)}, not 100.`,
          };
      }
    }
}

function isPrime(value: number): boolean {
  if (value < 4) return value > 1;
  if (value % 2 === 0) return false;
  for (let factor = 3; factor * factor <= value; factor += 2) if (value % factor === 0) return false;
  return true;
}
