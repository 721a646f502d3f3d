import { hasSelector, modeOf } from '../../../mesh/peer-authentication.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'mesh-wide-selector-ignored',
  severity: 'warning',
  kinds: ['PeerAuthentication'],
  summary: 'a PeerAuthentication with a selector in the mesh’s root namespace',
  why: 'In the root namespace only a PeerAuthentication without selector has a meaning, for the whole mesh. One with a selector is accepted and ignored, also for pods of that namespace: what it makes STRICT still answers plain text.',
  fix: 'Move it to the namespace of the pods, or remove the selector.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/security/peer_authentication/'],
  *check(inventory) {
    const { rootNamespace } = inventory.settings;
    for (const resource of inventory.inNamespace('PeerAuthentication', rootNamespace)) {
      if (!hasSelector(resource)) continue;
      yield {
        resource,
        path: ['spec', 'selector'],
        at: 'key',
        message: `Istio ignores a PeerAuthentication with a selector in ${rootNamespace}.`,
        ...(modeOf(resource) === 'STRICT' && { severity: 'error' }),
      };
    }
  },
});
