import { partsIn, says, specOf, textsIn } from '../../facts/part.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

/** Cipher suites that BoringSSL supports. */
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
    'cipher suites that the proxy does not support or that are listed twice, or TLS 1.0 or 1.1 without a suite for it',
  why: 'Envoy silently ignores a suite it does not know, often one under its IANA name (`TLS_ECDHE_…`), so the effective list may be shorter than an audit assumes. With a minimum of TLS 1.0 or 1.1 and no suites listed, old clients still fail: the defaults contain none they support.',
  fix: 'List each suite once, by its OpenSSL name; add the old suites if you allow an old TLS version.',
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
              message: `${minProtocolVersion} is allowed, but no cipher suite that such clients support.`,
            };
          const seen = new Set<string>();
          for (const { path, text } of textsIn(tls, 'cipherSuites')) {
            // `ALL`, and expressions that start with a sign, are OpenSSL's own little language.
            const isPlain = /^[\p{L}\p{N}]/u.test(text) && text !== 'ALL';
            if (isPlain && !known.has(text))
              yield {
                resource,
                path,
                message: `The proxy does not support the cipher suite ${quoted(text)} and ignores it.`,
              };
            else if (seen.has(text)) yield { resource, path, message: `${quoted(text)} is listed twice.` };
            seen.add(text);
          }
        }
  },
});
