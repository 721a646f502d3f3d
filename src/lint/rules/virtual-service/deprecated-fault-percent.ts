import { isObject, listAt, valueAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'deprecated-fault-percent',
  severity: 'warning',
  kinds: ['VirtualService'],
  summary: 'the deprecated `percent` of an injected delay',
  why: 'The field was replaced by `percentage.value`, which takes fractions, and istiod warns at each apply. Where both are written, `percent` has no effect.',
  fix: 'Write `percentage: { value: … }`.',
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
            ? '"percent" is deprecated, and has no effect beside "percentage".'
            : '"percent" is deprecated; "percentage" has its place.',
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
