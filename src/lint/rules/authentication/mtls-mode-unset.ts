import { namespaceMode } from '../../../mesh/peer-authentication.ts';
import { isObject, objectAt, stringAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'mtls-mode-unset',
  severity: 'info',
  kinds: ['PeerAuthentication'],
  summary: 'a PeerAuthentication that sets no mode',
  why: 'Without a mode (`mtls: {}` or UNSET), the policy inherits the mode of the level above, and finally Istio’s default: PERMISSIVE, which also accepts plaintext. In old versions the same text meant STRICT, and people still copy it for that.',
  fix: 'Set `mode: STRICT` or `mode: PERMISSIVE`, whichever you mean.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/security/peer_authentication/'],
  *check(inventory) {
    for (const resource of inventory.of('PeerAuthentication')) {
      const { spec, namespace } = resource;
      if (Object.keys(objectAt(spec, 'portLevelMtls')).length > 0) continue;
      const mode = stringAt(spec, 'mtls', 'mode');
      if (mode !== undefined && mode !== 'UNSET') continue;
      if (objectAt(spec, 'mtls').mode !== undefined && mode === undefined) continue;
      const { mode: effective, conflicting } = namespaceMode(namespace, inventory);
      yield {
        resource,
        path: isObject(spec.mtls) ? ['spec', 'mtls'] : ['metadata', 'name'],
        ...(isObject(spec.mtls) && { at: 'key' }),
        message:
          conflicting.length > 0
            ? 'The policy sets no mode, so it has no effect.'
            : `The policy sets no mode, so it has no effect: ${namespace} stays ${effective}.`,
      };
    }
  },
});
