import { specOf, textsIn } from '../../facts/part.ts';
import { appliesToSidecars } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'virtual-service-wildcard-on-mesh',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a VirtualService for the host `*` that applies to sidecars',
  why: 'It would take all traffic of every sidecar, so the webhook refuses it. Without `gateways` a VirtualService applies to sidecars: mostly the field was forgotten on one that was meant for the ingress gateway.',
  fix: 'Name the gateway in `gateways`, without `mesh`; or name the hosts.',
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
              message: `The host "*" can't be routed for sidecars${resource.spec.gateways === undefined ? ', to which a VirtualService without "gateways" applies' : ' ("mesh")'}.`,
            };
  },
});
