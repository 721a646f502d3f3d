import { rule } from '../../rule.ts';
import type { Resource } from '../../../model/resource.ts';
import { says, specOf, textsIn } from '../../facts/part.ts';
import { isDnsLabel, quoted } from '../../facts/syntax.ts';
import type { Finding } from '../../rule.ts';

export default rule({
  id: 'export-to-contradiction',
  severity: 'error',
  kinds: ['VirtualService', 'DestinationRule', 'ServiceEntry'],
  summary: 'an `exportTo` that names a namespace twice, or everybody and somebody, or nobody and somebody',
  why: "Istiod's webhook refuses the object: Flux reports `admission webhook denied`, and nothing of the change arrives. `.` counts as the namespace of the object. A DestinationRule with a `workloadSelector` is for the workloads of its own namespace only, and `~`, for nobody, is only for a ServiceEntry.",
  fix: 'List each namespace once, or `*` alone, or `.` alone.',
  equivalent: ['IST0106'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService',
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#DestinationRule',
  ],
  *check(inventory) {
    for (const kind of ['VirtualService', 'DestinationRule', 'ServiceEntry'] as const)
      for (const resource of inventory.of(kind)) yield* contradictions(resource);
  },
});

function* contradictions(resource: Resource): Iterable<Finding> {
  const { namespace, known, hasNamespace } = resource;
  const texts = [...textsIn(specOf(resource), 'exportTo')];
  const whole = (message: string): Finding => ({ resource, path: ['spec', 'exportTo'], at: 'key', message });
  const seen = new Set<string>();
  for (const { path, text } of texts) {
    const target = text === '.' && hasNamespace ? namespace : text;
    if (seen.has(target))
      yield {
        resource,
        path,
        message: `${quoted(text)} is in "exportTo" already${text === target ? '' : `, as "${namespace}"`}.`,
      };
    seen.add(target);
    if (text === '~' && known !== 'ServiceEntry')
      yield { resource, path, message: `A ${resource.kind} can't be exported to nobody ("~").` };
    else if (!['.', '*', '~'].includes(text) && !isDnsLabel(text))
      yield { resource, path, message: `${quoted(text)} is no name of a namespace, nor ".", "*" or "~".` };
  }
  for (const alone of known === 'ServiceEntry' ? ['*', '~'] : ['*'])
    if (seen.has(alone) && texts.length > 1)
      yield whole(
        `"exportTo" says "${alone}", for ${alone === '*' ? 'everybody' : 'nobody'}, and others besides.`,
      );
  if (known !== 'DestinationRule' || !says(specOf(resource), 'workloadSelector')) return;
  if (texts.some(({ text }) => text !== '.' && text !== namespace) && !seen.has('~'))
    yield whole('A DestinationRule with a "workloadSelector" can be exported to its own namespace only.');
}
