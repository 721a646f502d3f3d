import { isObject, listAt, valueAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'deprecated-fault-percent',
  severity: 'warning',
  kinds: ['VirtualService'],
  summary: 'the deprecated `percent` in a fault delay',
  why: '`percentage.value`, which allows fractions, replaced the field, and istiod warns on every apply. If both are set, `percent` has no effect.',
  fix: 'Use `percentage: { value: … }`.',
  equivalent: ['IST0002'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection-Delay',
    'https://istio.io/latest/docs/reference/config/analysis/ist0002/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      for (const [index, route] of listAt(resource.spec, 'http').entries()) {
        const delay = valueAt(route, 'fault', 'delay');
        const percent = valueAt(delay, 'percent');
        if (typeof percent !== 'number') continue;
        const path = ['spec', 'http', index, 'fault', 'delay'];
        const hasBoth = isObject(valueAt(delay, 'percentage'));
        yield {
          resource,
          path: [...path, 'percent'],
          at: 'key',
          message: hasBoth
            ? '"percent" is deprecated, and "percentage" overrides it.'
            : '"percent" is deprecated in favor of "percentage".',
          edits: [
            { op: 'delete', path: [...path, 'percent'] },
            ...(hasBoth
              ? []
              : [{ op: 'set' as const, path: [...path, 'percentage'], value: { value: percent } }]),
          ],
        };
      }
  },
});
