import { objectAt } from '../../../model/json.ts';
import { entriesIn, specOf } from '../../facts/part.ts';
import { isPort, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'port-level-mtls-without-selector',
  severity: 'error',
  kinds: ['PeerAuthentication'],
  summary:
    'a PeerAuthentication with `portLevelMtls` for a whole namespace or mesh, or for a port that is none',
  why: 'Ports are those of workloads, so the CRD and the webhook want a selector with labels beside them. Keys are container ports as numbers, not names and not ports of the Service.',
  fix: 'Write a PeerAuthentication of its own for these workloads, with a selector.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication'],
  *check(inventory) {
    for (const resource of inventory.of('PeerAuthentication')) {
      const ports = [...entriesIn(specOf(resource), 'portLevelMtls')];
      const labels = objectAt(resource.spec, 'selector', 'matchLabels');
      const selector = resource.spec.selector;
      if (ports.length > 0 && Object.keys(labels).length === 0 && typeof selector !== 'string')
        yield {
          resource,
          path: ['spec', 'portLevelMtls'],
          at: 'key',
          message: 'Ports can be told apart only with a selector that has labels.',
        };
      for (const { path, key } of ports)
        if (!(/^\d{1,5}$/.test(key) && isPort(Number(key))))
          yield { resource, path, at: 'key', message: `${quoted(key)} is no number of a port.` };
    }
  },
});
