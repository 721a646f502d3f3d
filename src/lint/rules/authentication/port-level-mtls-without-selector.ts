import { objectAt } from '../../../model/json.ts';
import { entriesIn, specOf } from '../../facts/part.ts';
import { isPort, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'port-level-mtls-without-selector',
  severity: 'error',
  kinds: ['PeerAuthentication'],
  summary: 'a PeerAuthentication with `portLevelMtls` but no selector, or with an invalid port',
  why: 'Ports belong to workloads, so the CRD and the webhook require a selector with labels. The keys are container port numbers, not port names or Service ports.',
  fix: 'Write a separate PeerAuthentication for these workloads, with a selector.',
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
          message: '"portLevelMtls" requires a selector with labels.',
        };
      for (const { path, key } of ports)
        if (!(/^\d{1,5}$/.test(key) && isPort(Number(key))))
          yield { resource, path, at: 'key', message: `${quoted(key)} is not a valid port number.` };
    }
  },
});
