import { rule } from '../../rule.ts';
import type { Resource } from '../../../model/resource.ts';
import { says, specOf, textsIn } from '../../facts/part.ts';
import { isDnsLabel, quoted } from '../../facts/syntax.ts';
import type { Finding } from '../../rule.ts';

export default rule({
  id: 'export-to-contradiction',
  severity: 'error',
  kinds: ['VirtualService', 'DestinationRule', 'ServiceEntry'],
  summary: 'an `exportTo` that lists a namespace twice, or combines `*` or `~` with other entries',
  why: "Istiod's webhook rejects the object: Flux reports `admission webhook denied`, and the change is not applied. `.` means the namespace of the object. A DestinationRule with a `workloadSelector` can be exported to its own namespace only, and only a ServiceEntry can use `~` (export to no namespace).",
  fix: 'List each namespace once, or use `*` alone or `.` alone.',
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
        message: `"exportTo" already lists ${quoted(text)}${text === target ? '' : `, as "${namespace}"`}.`,
      };
    seen.add(target);
    if (text === '~' && known !== 'ServiceEntry')
      yield { resource, path, message: `A ${resource.kind} can't be exported to no namespace ("~").` };
    else if (!['.', '*', '~'].includes(text) && !isDnsLabel(text))
      yield { resource, path, message: `${quoted(text)} is not a namespace name, ".", "*" or "~".` };
  }
  for (const alone of known === 'ServiceEntry' ? ['*', '~'] : ['*'])
    if (seen.has(alone) && texts.length > 1)
      yield whole(
        `"exportTo" combines "${alone}" (${alone === '*' ? 'every namespace' : 'no namespace'}) with other entries.`,
      );
  if (known !== 'DestinationRule' || !says(specOf(resource), 'workloadSelector')) return;
  if (texts.some(({ text }) => text !== '.' && text !== namespace) && !seen.has('~'))
    yield whole('A DestinationRule with a "workloadSelector" can be exported to its own namespace only.');
}
