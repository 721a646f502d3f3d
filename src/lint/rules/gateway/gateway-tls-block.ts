import { isObject, objectAt, stringAt } from '../../../model/json.ts';
import { partsIn, says, specOf } from '../../facts/part.ts';
import { isHttp, isTls, parseProtocol } from '../../../k8s/protocol.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-tls-block',
  severity: 'error',
  kinds: ['Gateway'],
  summary:
    'a Gateway server with a `tls` block on a port that is not HTTPS or TLS, or without one on a port that is',
  why: 'The webhook rejects the Gateway. On an HTTP port the block may only set `httpsRedirect`; HTTPS and TLS need a certificate or PASSTHROUGH. A redirect on a port that is not HTTP has no effect, which is only a warning.',
  fix: 'Set the protocol of the port to HTTPS or TLS, or remove the block.',
  equivalent: ['IST0106', 'IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings'],
  *check(inventory) {
    for (const resource of inventory.of('Gateway'))
      for (const { path, value } of partsIn(specOf(resource), 'servers')) {
        const named = stringAt(value, 'port', 'protocol') ?? '';
        const protocol = parseProtocol(named);
        if (protocol === undefined) continue;
        const { tls } = value;
        if (isTls(protocol) && (tls === undefined || tls === null))
          yield {
            resource,
            path: [...path, 'port', 'protocol'],
            message: `A server with protocol ${named} requires a "tls" block.`,
            fix: 'Add `tls: {mode: SIMPLE, credentialName: …}`, or mode: PASSTHROUGH.',
          };
        if (!isObject(tls)) continue;
        const at = [...path, 'tls'];
        const { mode = 'PASSTHROUGH' } = objectAt(tls);
        const isPassthrough = mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH';
        const hasFiles = says({ path: at, value: tls }, 'caCertificates', 'privateKey', 'serverCertificate');
        if (!isTls(protocol) && !(isHttp(protocol) && isPassthrough && !hasFiles))
          yield {
            resource,
            path: at,
            at: 'key',
            message: `A server with protocol ${named} can't have TLS settings${isHttp(protocol) ? ' other than "httpsRedirect"' : ''}.`,
          };
        if (tls.httpsRedirect === true && !isHttp(protocol))
          yield {
            resource,
            path: [...at, 'httpsRedirect'],
            at: 'key',
            severity: 'warning',
            message: `"httpsRedirect" has no effect on a port with protocol ${named}: only plain HTTP is redirected.`,
            fix: 'Move it to the HTTP server, usually on port 80.',
          };
      }
  },
});
