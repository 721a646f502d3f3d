import { hasSelector, modeOf } from '../../../mesh/peer-authentication.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'mesh-wide-selector-ignored',
  severity: 'warning',
  kinds: ['PeerAuthentication'],
  summary: 'a PeerAuthentication with a selector in the root namespace of the mesh',
  why: 'In the root namespace, only a PeerAuthentication without a selector has an effect, on the whole mesh. One with a selector is accepted but ignored, even for pods in that namespace: a workload it should make STRICT still accepts plaintext.',
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
