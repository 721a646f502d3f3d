import { virtualServicesOf } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'destination-twice-in-route',
  severity: 'warning',
  kinds: ['VirtualService'],
  summary: 'the same destination twice in a route',
  why: 'The weights of the two add up, so requests are not split between them. Usually an entry was copied and its subset not changed.',
  fix: 'Change the subset or host of one of them, or merge the two and add their weights.',
  equivalent: ['KIA1105'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const { resource, destinations } of virtualServicesOf(inventory)) {
      const seen = new Set<string>();
      for (const { path, text, host, subset, port, isMirror } of destinations) {
        if (isMirror) continue;
        const [, kind, route] = path;
        const key = [kind, route, host, port ?? '', subset ?? ''].join(' ');
        if (seen.has(key)) {
          const which = subset === undefined ? '' : `, subset ${subset},`;
          yield { resource, path, message: `"${text}"${which} is already a destination of this route.` };
        }
        seen.add(key);
      }
    }
  },
});
