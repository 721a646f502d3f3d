interface Fault {
  readonly rule: 'forge-certificate' | 'forge-proxy' | 'forge-timeout';
  readonly message: string;
  readonly fix: string;
}

const certificate =
  /SSL certificate problem|certificate verif|certificate verify failed|self[- ]signed certificate|unable to (?:verify the first|get (?:local )?issuer) certificate|SELF_SIGNED_CERT|UNABLE_TO_(?:VERIFY|GET)|CERT_HAS_EXPIRED|certificate has expired|ERR_TLS_CERT_ALTNAME|Hostname\/IP does not match certificate|SSL: no alternative certificate|error setting certificate|tlsv1[0-9]? alert|ERR_SSL_TLSV1|alert (?:certificate required|unknown ca)|certificate required/i;
const proxy =
  /(?:from|resolve|connect to|via|by) proxy|proxy (?:response|connect|aborted|tunnel)|proxy[^\n]{0,40}\b407\b|CONNECT tunnel failed|HTTP Tunneling|Proxy Authentication Required|UND_ERR_PRX/i;
const timeout =
  /UND_ERR_(?:HEADERS|BODY|CONNECT)_TIMEOUT|(?:Headers|Body|Connect) Timeout Error|Operation too slow|Operation timed out|Connection timed out|ETIMEDOUT/i;

/** What is between this machine and a host and refuses again a second later; undefined when it is something else. */
export function networkFault(error: Error): Fault | undefined {
  const said = textOf(error);
  if (certificate.test(said))
    return {
      rule: 'forge-certificate',
      message:
        'The certificate of the host, or of a proxy before it, is not trusted here, or it wants another of us.',
      fix: "Name your company's authority with NODE_EXTRA_CA_CERTS=FILE, which the API and git both use; a certificate of your own with GIT_SSL_CERT and GIT_SSL_KEY. See docs/NETWORK.md.",
    };
  if (proxy.test(said))
    return {
      rule: 'forge-proxy',
      message: 'The proxy did not let the connection through.',
      fix: 'Correct HTTPS_PROXY, which the API and git both use (with user and password before the host if it asks for them), or except the host with NO_PROXY. See docs/NETWORK.md.',
    };
  if (timeout.test(said))
    return {
      rule: 'forge-timeout',
      message: 'No answer came in time.',
      fix: 'Run again: what is done is kept. For a slow network set MESHWRIGHT_TIMEOUT to more seconds (60 by default).',
    };
  return undefined;
}

/** What an error says, and what caused it. */
function textOf(error: Error): string {
  const parts: string[] = [];
  let at: unknown = error;
  for (let depth = 0; at instanceof Error && depth < 8; depth++) {
    parts.push(at.message, 'code' in at ? String(at.code) : '', at.name);
    at = at.cause;
  }
  return parts.join('\n');
}
