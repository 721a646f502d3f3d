import { partsIn, says, specOf, textsIn } from '../../facts/part.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

/** What BoringSSL knows. */
const known: ReadonlySet<string> = new Set([
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
  'DES-CBC3-SHA',
]);

export default rule({
  id: 'gateway-weak-tls',
  severity: 'warning',
  kinds: ['Gateway', 'Sidecar'],
  summary:
    'cipher suites that the proxy does not have or that are listed twice, or TLS 1.0 without a suite for it',
  why: 'A suite that Envoy does not know, often by its IANA name (`TLS_ECDHE_…`), is left out in silence, and the list that remains may be shorter than the audit believes. With a minimum of TLS 1.0 or 1.1 and no suites listed, old clients still fail: the defaults hold none they could use.',
  fix: "Use OpenSSL's names of the suites, each once; name the old suites together with the old version.",
  equivalent: ['IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings'],
  *check(inventory) {
    for (const [kind, list] of [
      ['Gateway', 'servers'],
      ['Sidecar', 'ingress'],
    ] as const)
      for (const resource of inventory.of(kind))
        for (const tls of partsIn(specOf(resource), list, 'tls')) {
          const { minProtocolVersion } = tls.value;
          if (
            (minProtocolVersion === 'TLSV1_0' || minProtocolVersion === 'TLSV1_1') &&
            !says(tls, 'cipherSuites')
          )
            yield {
              resource,
              path: [...tls.path, 'minProtocolVersion'],
              message: `${minProtocolVersion} is allowed, but no cipher suite that clients of it have.`,
            };
          const seen = new Set<string>();
          for (const { path, text } of textsIn(tls, 'cipherSuites')) {
            // `ALL`, and expressions that start with a sign, are OpenSSL's own little language.
            const isPlain = /^[\p{L}\p{N}]/u.test(text) && text !== 'ALL';
            if (isPlain && !known.has(text))
              yield {
                resource,
                path,
                message: `The proxy has no cipher suite ${quoted(text)}, and ignores it.`,
              };
            else if (seen.has(text)) yield { resource, path, message: `${quoted(text)} is listed already.` };
            seen.add(text);
          }
        }
  },
});
