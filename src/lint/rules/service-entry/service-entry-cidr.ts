import { specOf, textsIn } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isNetwork, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'service-entry-cidr',
  severity: 'error',
  kinds: ['ServiceEntry'],
  summary: 'a ServiceEntry with an invalid address, or with a CIDR range and DNS resolution',
  why: 'The webhook rejects it. A CIDR range (`10.0.0.0/8`) works only with resolution NONE (pass through) or STATIC (fixed endpoints). DYNAMIC_DNS allows no addresses at all.',
  fix: 'Use `resolution: NONE` or STATIC, or remove the addresses.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry'],
  *check(inventory) {
    for (const resource of inventory.of('ServiceEntry')) {
      const { resolution = 'NONE' } = resource.spec;
      const isDynamic =
        typeof resolution === 'string' && resolution.includes('DNS') && !hasPlaceholder(resolution);
      for (const { path, text } of textsIn(specOf(resource), 'addresses'))
        if (!isNetwork(text))
          yield { resource, path, message: `${quoted(text)} is not an IP address or CIDR range.` };
        else if (resolution === 'DYNAMIC_DNS')
          yield {
            resource,
            path,
            message: "A ServiceEntry with resolution DYNAMIC_DNS can't have addresses.",
          };
        else if (isDynamic && text.includes('/'))
          yield {
            resource,
            path,
            message: `${quoted(text)} is a CIDR range, which resolution ${resolution} does not allow.`,
          };
    }
  },
});
