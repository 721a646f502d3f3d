import { isList, isObject, stringAt } from '../../../model/json.ts';
import { entriesIn, partsIn, says, specOf, textsIn } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isIpAddress, isPort, nameMistake, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'service-entry-endpoints',
  severity: 'error',
  kinds: ['ServiceEntry'],
  summary: 'ServiceEntry endpoints that its resolution does not allow, or next to a selector',
  why: 'The webhook rejects it. NONE, the default, sends traffic to its original destination and allows no endpoints, STATIC requires IP addresses, and DNS_ROUND_ROBIN allows at most one endpoint. Endpoints are either listed or selected, not both.',
  fix: 'Use `resolution: STATIC` for IP addresses and DNS for names.',
  equivalent: ['IST0106', 'IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-Resolution'],
  *check(inventory) {
    for (const resource of inventory.of('ServiceEntry')) {
      const { resolution = 'NONE', endpoints, workloadSelector, location } = resource.spec;
      const path = ['spec', 'endpoints'];
      const count = isList(endpoints) ? endpoints.length : 0;
      if (count > 0 && isObject(workloadSelector))
        yield {
          resource,
          path,
          at: 'key',
          message: '"endpoints" and "workloadSelector" are mutually exclusive.',
        };
      if (count > 0 && (resolution === 'NONE' || resolution === 'DYNAMIC_DNS'))
        yield { resource, path, at: 'key', message: `Resolution ${resolution} does not allow endpoints.` };
      if (resolution === 'NONE' && isObject(workloadSelector))
        yield {
          resource,
          path: ['spec', 'workloadSelector'],
          at: 'key',
          severity: 'warning',
          message:
            'With resolution NONE the selector has no effect: traffic goes to its original destination.',
        };
      if (count > 1 && resolution === 'DNS_ROUND_ROBIN')
        yield { resource, path, at: 'key', message: 'DNS_ROUND_ROBIN allows at most one endpoint.' };
      if (
        resolution === 'DYNAMIC_DNS' &&
        location === 'MESH_INTERNAL' &&
        (resource.labels['istio.io/use-waypoint'] ?? 'none').toLowerCase() !== 'none'
      )
        yield {
          resource,
          path: ['spec', 'location'],
          message: 'A waypoint supports DYNAMIC_DNS only for hosts outside the mesh.',
        };
      if (resolution !== 'STATIC' && resolution !== 'DNS' && resolution !== 'DNS_ROUND_ROBIN') continue;
      const names = new Set([...textsIn(specOf(resource), 'ports', 'name')].map(({ text }) => text));
      const allNamesKnown = names.size === [...partsIn(specOf(resource), 'ports')].length;
      for (const endpoint of partsIn(specOf(resource), 'endpoints')) {
        const mistake = addressMistake(stringAt(endpoint.value, 'address') ?? '', resolution);
        const isUnset = !says(endpoint, 'address');
        if (isUnset && resolution === 'STATIC' && says(endpoint, 'network')) continue;
        if (mistake !== undefined)
          yield {
            resource,
            path: isUnset ? endpoint.path : [...endpoint.path, 'address'],
            message: `The endpoint address ${mistake}.`,
          };
        for (const { path: at, key, value } of entriesIn(endpoint, 'ports')) {
          if (allNamesKnown && !names.has(key))
            yield {
              resource,
              path: at,
              at: 'key',
              message: `The ServiceEntry has no port named ${quoted(key)}.`,
            };
          if (typeof value === 'number' && !isPort(value))
            yield { resource, path: at, message: `${String(value)} is not a valid port.` };
        }
      }
    }
  },
});

function addressMistake(text: string, resolution: string): string | undefined {
  if (text === '') return 'is missing';
  if (hasPlaceholder(text) || isIpAddress(text)) return undefined;
  if (text.startsWith('unix://') && resolution === 'STATIC')
    return /^unix:\/\/(@|\/.*[^/]$)/s.test(text) ? undefined : 'is not the absolute path of a socket';
  if (resolution === 'STATIC') return `must be an IP address with resolution STATIC, but is ${quoted(text)}`;
  const mistake = nameMistake(text);
  return mistake === undefined ? undefined : `${mistake}: ${quoted(text)}`;
}
