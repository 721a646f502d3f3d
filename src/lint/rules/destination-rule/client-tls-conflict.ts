import { isObject } from '../../../model/json.ts';
import { trafficPolicies } from '../../../mesh/destination-rule.ts';
import { listed, saying, says } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'client-tls-conflict',
  severity: 'error',
  kinds: ['DestinationRule'],
  summary:
    'a `tls` block of a DestinationRule with credentials that its mode lacks, or that exclude each other',
  why: 'The webhook refuses the DestinationRule. MUTUAL needs a client certificate, by Secret or by files; with a Secret no file may be named, and who skips verification can not name a CA to verify with.',
  fix: 'Name either `credentialName` or the files; inside the mesh write ISTIO_MUTUAL, which needs neither.',
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
            message: `"insecureSkipVerify" leaves nothing to verify with ${listed(roots)}.`,
          };
        if (says(part, 'credentialName')) {
          const files = saying(part, 'clientCertificate', 'privateKey', 'caCertificates', 'caCrl');
          if (files[0] !== undefined)
            yield {
              resource,
              path: [...path, files[0]],
              at: 'key',
              message: `"credentialName" brings the credentials, and excludes ${listed(files)}.`,
            };
        } else if (mode === 'MUTUAL')
          for (const field of ['clientCertificate', 'privateKey'])
            if (!says(part, field))
              yield {
                resource,
                path,
                at: 'key',
                message: `Mode MUTUAL needs "credentialName", or "${field}".`,
                fix: 'For services of the mesh write mode: ISTIO_MUTUAL.',
              };
      }
  },
});
