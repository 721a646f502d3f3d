import { listAt, stringAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'envoy-filter-operation-ignored',
  severity: 'error',
  kinds: ['EnvoyFilter'],
  summary: 'an EnvoyFilter with an operation that `applyTo` does not support',
  why: 'Istio accepts the patch but silently ignores it: REPLACE works only for filters and virtual hosts, and a route configuration can be neither added nor removed.',
  fix: 'Use MERGE, or an operation that `applyTo` supports.',
  equivalent: ['IST0152', 'IST0153', 'IST0154'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-Patch-Operation',
    'https://istio.io/latest/docs/reference/config/analysis/ist0152/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('EnvoyFilter'))
      for (const [index, patch] of listAt(resource.spec, 'configPatches').entries()) {
        const operation = stringAt(patch, 'patch', 'operation');
        const applyTo = stringAt(patch, 'applyTo');
        if (operation === undefined || applyTo === undefined || !isIgnored(operation, applyTo)) continue;
        yield {
          resource,
          path: ['spec', 'configPatches', index, 'patch', 'operation'],
          message: `Istio ignores the operation ${operation} for ${applyTo}.`,
        };
      }
  },
});

/** What Istio's code does. istioctl also calls ADD and REMOVE of an HTTP_ROUTE ignored, and REPLACE of a LISTENER_FILTER:
 *  both work. */
function isIgnored(operation: string, applyTo: string): boolean {
  if (operation === 'REPLACE')
    return !['HTTP_FILTER', 'NETWORK_FILTER', 'LISTENER_FILTER', 'VIRTUAL_HOST'].includes(applyTo);
  return (operation === 'ADD' || operation === 'REMOVE') && applyTo === 'ROUTE_CONFIGURATION';
}
