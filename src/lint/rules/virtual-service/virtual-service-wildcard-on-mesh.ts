import { specOf, textsIn } from '../../facts/part.ts';
import { appliesToSidecars } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'virtual-service-wildcard-on-mesh',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a VirtualService for the host `*` that applies to sidecars',
  why: 'It would match all traffic of every sidecar, so the webhook rejects it. Without `gateways`, a VirtualService applies to sidecars; usually the field was forgotten for the ingress gateway.',
  fix: 'Set `gateways` to the gateway, without `mesh`, or list the hosts.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService'],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      if (appliesToSidecars(resource))
        for (const { path, text } of textsIn(specOf(resource), 'hosts'))
          if (text === '*')
            yield {
              resource,
              path,
              message: `A VirtualService with the host "*" can't apply to sidecars${resource.spec.gateways === undefined ? ', which is the default without "gateways"' : ' ("mesh")'}.`,
            };
  },
});
