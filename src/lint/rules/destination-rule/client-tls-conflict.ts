import { isObject } from '../../../model/json.ts';
import { trafficPolicies } from '../../../mesh/destination-rule.ts';
import { listed, saying, says } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'client-tls-conflict',
  severity: 'error',
  kinds: ['DestinationRule'],
  summary: 'a DestinationRule `tls` block with missing or conflicting credentials',
  why: "The webhook rejects the DestinationRule. MUTUAL requires a client certificate, either in a Secret or in files but not both, and `insecureSkipVerify` can't be combined with a CA to verify with.",
  fix: 'Set either `credentialName` or the files; inside the mesh use ISTIO_MUTUAL, which needs neither.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings'],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule'))
      for (const { path: at, policy } of trafficPolicies(resource)) {
        const { tls } = policy;
        if (!isObject(tls)) continue;
        const { mode, insecureSkipVerify } = tls;
        if (mode !== 'SIMPLE' && mode !== 'MUTUAL') continue;
        const path = [...at, 'tls'];
        const part = { path, value: tls };
        const roots = saying(
          part,
          ...(mode === 'SIMPLE' ? ['credentialName'] : []),
          'caCertificates',
          'subjectAltNames',
        );
        if (insecureSkipVerify === true && roots[0] !== undefined)
          yield {
            resource,
            path: [...path, roots[0]],
            at: 'key',
            message: `"insecureSkipVerify" can't be combined with ${listed(roots)}.`,
          };
        if (says(part, 'credentialName')) {
          const files = saying(part, 'clientCertificate', 'privateKey', 'caCertificates', 'caCrl');
          if (files[0] !== undefined)
            yield {
              resource,
              path: [...path, files[0]],
              at: 'key',
              message: `"credentialName" can't be combined with ${listed(files)}.`,
            };
        } else if (mode === 'MUTUAL')
          for (const field of ['clientCertificate', 'privateKey'])
            if (!says(part, field))
              yield {
                resource,
                path,
                at: 'key',
                message: `Mode MUTUAL requires "credentialName" or "${field}".`,
                fix: 'For services in the mesh, use mode: ISTIO_MUTUAL.',
              };
      }
  },
});
