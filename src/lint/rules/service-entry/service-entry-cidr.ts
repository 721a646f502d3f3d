import { specOf, textsIn } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isNetwork, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'service-entry-cidr',
  severity: 'error',
  kinds: ['ServiceEntry'],
  summary: 'an address of a ServiceEntry that is none, or a network where addresses come from DNS',
  why: 'The webhook refuses it. A network (`10.0.0.0/8`) can only be passed through (NONE) or sent to fixed endpoints (STATIC). With DYNAMIC_DNS there are no addresses at all.',
  fix: 'Use `resolution: NONE` or STATIC, or leave the addresses out.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry'],
  *check(inventory) {
    for (const resource of inventory.of('ServiceEntry')) {
      const { resolution = 'NONE' } = resource.spec;
      const isDynamic =
        typeof resolution === 'string' && resolution.includes('DNS') && !hasPlaceholder(resolution);
      for (const { path, text } of textsIn(specOf(resource), 'addresses'))
        if (!isNetwork(text))
          yield { resource, path, message: `${quoted(text)} is no IP address or network.` };
        else if (resolution === 'DYNAMIC_DNS')
          yield { resource, path, message: 'With DYNAMIC_DNS a ServiceEntry has no addresses.' };
        else if (isDynamic && text.includes('/'))
          yield {
            resource,
            path,
            message: `With resolution ${resolution} an address can't be a network, as ${quoted(text)} is.`,
          };
    }
  },
});
