import { namespaceMode } from '../../../mesh/peer-authentication.ts';
import { isObject, objectAt, stringAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'mtls-mode-unset',
  severity: 'info',
  kinds: ['PeerAuthentication'],
  summary: 'a PeerAuthentication that sets no mode',
  why: 'Without a mode (`mtls: {}`, or UNSET) the policy leaves the choice to the level above, in the end to Istio’s default: PERMISSIVE, which answers plain text as well. In old versions the same text meant STRICT, and it is still copied for that.',
  fix: 'Set `mode: STRICT` or `mode: PERMISSIVE`, whichever is meant.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/security/peer_authentication/'],
  *check(inventory) {
    for (const resource of inventory.of('PeerAuthentication')) {
      const { spec, namespace } = resource;
      if (Object.keys(objectAt(spec, 'portLevelMtls')).length > 0) continue;
      const mode = stringAt(spec, 'mtls', 'mode');
      if (mode !== undefined && mode !== 'UNSET') continue;
      if (objectAt(spec, 'mtls').mode !== undefined && mode === undefined) continue;
      const { mode: effective, rivals } = namespaceMode(namespace, inventory);
      yield {
        resource,
        path: isObject(spec.mtls) ? ['spec', 'mtls'] : ['metadata', 'name'],
        ...(isObject(spec.mtls) && { at: 'key' }),
        message:
          rivals.length > 0
            ? 'The policy sets no mode, and changes nothing.'
            : `The policy sets no mode, and changes nothing: ${namespace} stays ${effective}.`,
      };
    }
  },
});
