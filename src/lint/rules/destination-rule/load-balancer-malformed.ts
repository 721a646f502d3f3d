import { isObject, objectAt, type JsonObject, type YamlPath } from '../../../model/json.ts';
import { trafficPolicies } from '../../../mesh/destination-rule.ts';
import { partsIn, says } from '../../facts/part.ts';
import { rule } from '../../rule.ts';
import type { Finding } from '../../rule.ts';

type Told = Omit<Finding, 'resource'>;

export default rule({
  id: 'load-balancer-malformed',
  severity: 'error',
  kinds: ['DestinationRule'],
  summary:
    'a load balancer with weights of localities that are not 100 together, settings that exclude each other, or a failover that can never happen',
  why: 'The webhook refuses the DestinationRule, but for the failover: that is accepted, and without `outlierDetection` no endpoint is ever unhealthy, so nothing fails over when the zone is down.',
  fix: 'Let weights of a `distribute` entry sum up to 100, keep one of `distribute` and `failover`, and add `outlierDetection` to a failover.',
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
        for (const told of mistakes(loadBalancer, [...path, 'loadBalancer'], hasOutlier))
          yield { resource, ...told };
      }
  },
});

function* mistakes(value: JsonObject, path: YamlPath, hasOutlier: boolean): Iterable<Told> {
  const part = { path, value };
  const hash = objectAt(value, 'consistentHash');
  const at = [...path, 'consistentHash'];
  if (says({ path: at, value: hash }, 'minimumRingSize') && hash.minimumRingSize !== 0)
    yield {
      path: [...at, 'minimumRingSize'],
      at: 'key',
      severity: 'warning',
      message: '"minimumRingSize" is deprecated.',
      fix: 'Write ringHash: {minimumRingSize: …}.',
    };
  const names = new Set<unknown>();
  for (const {
    path: place,
    value: { name },
  } of partsIn({ path: at, value: hash }, 'httpCookie', 'attributes')) {
    if (name !== undefined && names.has(name))
      yield { path: place, message: 'The attribute of the cookie is there already.' };
    names.add(name);
  }
  if (objectAt(hash, 'httpCookie').name === '')
    yield { path: [...at, 'httpCookie', 'name'], message: 'The cookie has an empty name.' };
  for (const {
    path: place,
    value: { tableSize = 0 },
  } of partsIn({ path: at, value: hash }, 'maglev'))
    if (typeof tableSize === 'number' && !(tableSize < 5_000_011 && isPrime(tableSize)))
      yield {
        path: place,
        at: 'key',
        message: `Maglev's "tableSize" must be a prime number below 5000011, and is ${String(tableSize)}.`,
      };
  if (says(part, 'localityLbSetting') && says(part, 'zoneAwareLbSetting'))
    yield {
      path: [...path, 'zoneAwareLbSetting'],
      at: 'key',
      message: '"localityLbSetting" and "zoneAwareLbSetting" exclude each other.',
    };
  for (const setting of ['localityLbSetting', 'zoneAwareLbSetting'])
    for (const each of partsIn(part, setting)) {
      if (says(each, 'distribute') && says(each, 'failover')) {
        yield {
          path: [...each.path, 'failover'],
          at: 'key',
          message: '"distribute" and "failover" exclude each other.',
        };
        continue;
      }
      const field = ['failover', 'failoverPriority'].find((name) => says(each, name));
      if (field !== undefined && !hasOutlier)
        yield {
          path: [...each.path, field],
          at: 'key',
          severity: 'warning',
          message: `"${field}" never happens without "outlierDetection": no endpoint is ever found unhealthy.`,
        };
      for (const {
        path: place,
        value: { from, to },
      } of partsIn(each, 'failover')) {
        if (from !== undefined && from === to)
          yield { path: place, message: 'The failover goes to the region it comes from.' };
        if ([from, to].some((region) => typeof region === 'string' && /[*/]/.test(region)))
          yield { path: place, message: 'A failover is from region to region, without zones and wildcards.' };
      }
      for (const { path: place, value: entry } of partsIn(each, 'distribute')) {
        const weights = Object.values(objectAt(entry, 'to'));
        if (!weights.every((weight) => typeof weight === 'number')) continue;
        const sum = weights.reduce((total: number, weight) => total + weight, 0);
        if (sum !== 100 || weights.some((weight) => weight < 1))
          yield {
            path: [...place, 'to'],
            at: 'key',
            message: `The weights of the localities sum up to ${String(sum)}, not to 100, or one is 0.`,
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
