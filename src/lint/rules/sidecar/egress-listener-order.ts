import { partsIn, says, specOf } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'egress-listener-order',
  severity: 'error',
  kinds: ['Sidecar'],
  summary: 'a Sidecar egress listener without a port that is not the last listener',
  why: 'The listener without a port handles everything that the others do not; there can be only one, at the end. The webhook rejects any other order, so a second list of hosts has to be merged into the first.',
  fix: 'Put all hosts in one listener without a port, at the end of the list.',
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
            message: 'This egress listener has no port, but it is not the last one.',
          };
    }
  },
});
