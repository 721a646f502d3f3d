import { virtualServicesOf } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'destination-twice-in-route',
  severity: 'warning',
  kinds: ['VirtualService'],
  summary: 'the same destination twice in one route',
  why: 'The weights of both add up, so requests are not split at all. It comes from copying an entry and forgetting to change its subset.',
  fix: 'Give one of the two another subset or host, or add their weights in one.',
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
          yield { resource, path, message: `"${text}"${which} is a destination of this route already.` };
        }
        seen.add(key);
      }
    }
  },
});
