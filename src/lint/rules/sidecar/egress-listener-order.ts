import { partsIn, says, specOf } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'egress-listener-order',
  severity: 'error',
  kinds: ['Sidecar'],
  summary: 'an egress listener of a Sidecar without a port that is not the last one, or not the only one',
  why: 'The listener without a port takes everything that no other one takes; there is one, at the end. The webhook refuses any other order, and so a second list of hosts has to go into the first.',
  fix: 'Put all hosts into one listener without a port, at the end of the list.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener'],
  *check(inventory) {
    for (const resource of inventory.of('Sidecar')) {
      const listeners = [...partsIn(specOf(resource), 'egress')];
      for (const listener of listeners.slice(0, -1))
        if (!says(listener, 'port'))
          yield {
            resource,
            path: listener.path,
            message: 'This egress listener has no port, and others follow it.',
          };
    }
  },
});
