import type { YamlPath } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { listed, partsIn, says, saying, specOf, type Part } from '../../facts/part.ts';
import { rule } from '../../rule.ts';
import type { Finding } from '../../rule.ts';

const certificates = ['credentialName', 'credentialNames', 'tlsCertificates', 'serverCertificate'] as const;
const files = ['serverCertificate', 'privateKey', 'caCertificates'] as const;

export default rule({
  id: 'gateway-certificate-source',
  severity: 'error',
  kinds: ['Gateway', 'Sidecar'],
  summary: 'a TLS server without a certificate, with two, or with one that its mode does not use',
  why: 'The webhook rejects the object. SIMPLE and MUTUAL require a certificate from a Secret or from files, and MUTUAL with files also requires a CA; ISTIO_MUTUAL uses its own and accepts none. In the PASSTHROUGH modes a certificate is ignored, which is a warning: the backend must terminate TLS itself, and a plain HTTP backend causes TLS errors.',
  fix: 'Set exactly one certificate, preferably with `credentialName`, or change the mode.',
  equivalent: ['IST0106', 'IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings'],
  *check(inventory) {
    for (const [kind, list] of [
      ['Gateway', 'servers'],
      ['Sidecar', 'ingress'],
    ] as const)
      for (const resource of inventory.of(kind))
        for (const tls of partsIn(specOf(resource), list, 'tls'))
          for (const { message, field, severity } of mistakes(tls)) {
            const path: YamlPath = field === undefined ? tls.path : [...tls.path, field];
            yield finding(resource, path, message, severity);
          }
  },
});

function finding(resource: Resource, path: YamlPath, message: string, severity?: 'warning'): Finding {
  return { resource, path, at: 'key', message, ...(severity && { severity }) };
}

interface Mistake {
  readonly message: string;
  readonly field?: string;
  readonly severity?: 'warning';
}

function* mistakes(tls: Part): Iterable<Mistake> {
  const { mode = 'PASSTHROUGH' } = tls.value;
  const named = saying(tls, ...certificates);
  const other = saying(tls, ...files, 'caCrl').filter((field) => field !== 'serverCertificate');
  const [first = other[0], second] = named;
  if (mode === 'ISTIO_MUTUAL') {
    const field = first === 'caCrl' ? other.find((each) => each !== 'caCrl') : first;
    if (field !== undefined)
      yield {
        field,
        message: `ISTIO_MUTUAL uses the mesh's own certificates and does not accept "${field}".`,
      };
    return;
  }
  if ((mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH') && first !== undefined)
    yield {
      field: first,
      severity: 'warning',
      message: `In mode ${mode} the gateway does not terminate TLS, so it ignores "${first}".`,
    };
  const sources = named.filter((field) => field !== 'serverCertificate' || says(tls, 'privateKey'));
  if (sources.length > 1) {
    yield { field: second ?? 'mode', message: `${listed(sources)} are mutually exclusive.` };
    return;
  }
  if (mode !== 'SIMPLE' && mode !== 'MUTUAL' && mode !== 'OPTIONAL_MUTUAL') return;
  if (says(tls, 'credentialName', 'credentialNames')) {
    if (says(tls, 'credentialName') && says(tls, 'caCrl'))
      yield { field: 'caCrl', message: 'With "credentialName", the revocation list belongs in the Secret.' };
    return;
  }
  if (says(tls, 'tlsCertificates')) {
    for (const certificate of partsIn(tls, 'tlsCertificates'))
      if (!says(certificate, 'serverCertificate') || !says(certificate, 'privateKey'))
        yield {
          field: 'tlsCertificates',
          message: 'Each certificate requires "serverCertificate" and "privateKey".',
        };
  } else if (named.length === 0 && other.length === 0)
    yield {
      message: `Mode ${mode} requires a certificate, but this block sets neither "credentialName" nor files.`,
    };
  else
    for (const field of ['serverCertificate', 'privateKey'])
      if (!says(tls, field))
        yield { message: `Mode ${mode} requires "${field}" in addition to ${listed([...named, ...other])}.` };
  if (mode !== 'SIMPLE' && !says(tls, 'caCertificates') && named.length > 0)
    yield { message: `Mode ${mode} with files requires "caCertificates" to verify clients.` };
  if (mode === 'SIMPLE' && says(tls, 'caCrl'))
    yield {
      field: 'caCrl',
      message: 'Mode SIMPLE does not verify client certificates, so it does not accept a revocation list.',
    };
}
