import { isObject, listAt, stringAt } from '../../../model/json.ts';
import { labelsAt } from '../../../k8s/selector.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'subset-without-labels',
  severity: 'warning',
  kinds: ['DestinationRule'],
  summary: 'a subset without labels next to subsets with labels',
  why: 'A subset without labels contains every pod of the service, so a route to it that is meant for one version reaches all of them. A single subset without labels, or one with its own traffic policy, is a valid way to name the whole service.',
  fix: 'Give the subset the labels of its pods.',
  equivalent: ['KIA0209'],
  see: [
    'https://kiali.io/docs/features/validations/',
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset',
  ],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule')) {
      const subsets = listAt(resource.spec, 'subsets');
      if (!subsets.some((subset) => Object.keys(labelsAt(subset, 'labels')).length > 0)) continue;
      for (const [index, subset] of subsets.entries()) {
        if (!isObject(subset) || isObject(subset.trafficPolicy)) continue;
        if (Object.keys(isObject(subset.labels) ? subset.labels : {}).length > 0) continue;
        yield {
          resource,
          path: ['spec', 'subsets', index],
          message: `Subset "${stringAt(subset, 'name') ?? ''}" has no labels, so it contains every pod of the service.`,
        };
      }
    }
  },
});
