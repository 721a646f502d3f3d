import { isList, isObject, stringAt } from '../../../model/json.ts';
import { entriesIn, partsIn, says, specOf, textsIn } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isIpAddress, isPort, nameMistake, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'service-entry-endpoints',
  severity: 'error',
  kinds: ['ServiceEntry'],
  summary: 'endpoints of a ServiceEntry that its resolution does not take, or beside a selector',
  why: 'The webhook refuses it. NONE sends traffic where it was going and has no endpoints; STATIC wants IP addresses; DNS_ROUND_ROBIN has one at most; and endpoints are listed or selected, not both. `resolution` is NONE when it is not written.',
  fix: 'Use `resolution: STATIC` for addresses and DNS for names.',
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
          message: '"endpoints" and "workloadSelector" exclude each other.',
        };
      if (count > 0 && (resolution === 'NONE' || resolution === 'DYNAMIC_DNS'))
        yield { resource, path, at: 'key', message: `With resolution ${resolution} there are no endpoints.` };
      if (resolution === 'NONE' && isObject(workloadSelector))
        yield {
          resource,
          path: ['spec', 'workloadSelector'],
          at: 'key',
          severity: 'warning',
          message: 'With resolution NONE nothing is selected: traffic goes where it was going.',
        };
      if (count > 1 && resolution === 'DNS_ROUND_ROBIN')
        yield { resource, path, at: 'key', message: 'With DNS_ROUND_ROBIN there is one endpoint at most.' };
      if (
        resolution === 'DYNAMIC_DNS' &&
        location === 'MESH_INTERNAL' &&
        (resource.labels['istio.io/use-waypoint'] ?? 'none').toLowerCase() !== 'none'
      )
        yield {
          resource,
          path: ['spec', 'location'],
          message: 'A waypoint resolves names by DYNAMIC_DNS only outside of the mesh.',
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
            message: `The address of the endpoint ${mistake}.`,
          };
        for (const { path: place, key, value } of entriesIn(endpoint, 'ports')) {
          if (allNamesKnown && !names.has(key))
            yield {
              resource,
              path: place,
              at: 'key',
              message: `No port of the ServiceEntry is called ${quoted(key)}.`,
            };
          if (typeof value === 'number' && !isPort(value))
            yield { resource, path: place, message: `${String(value)} is no port.` };
        }
      }
    }
  },
});

function addressMistake(text: string, resolution: string): string | undefined {
  if (text === '') return 'is missing';
  if (hasPlaceholder(text) || isIpAddress(text)) return undefined;
  if (text.startsWith('unix://') && resolution === 'STATIC')
    return /^unix:\/\/(@|\/.*[^/]$)/s.test(text) ? undefined : 'names no absolute path of a socket';
  if (resolution === 'STATIC') return `must be an IP address with resolution STATIC, and is ${quoted(text)}`;
  const mistake = nameMistake(text);
  return mistake === undefined ? undefined : `${mistake}: ${quoted(text)}`;
}
