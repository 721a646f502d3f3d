import { isAddress } from './address.ts';
import { usualDomain } from './host.ts';

/** A host outside the cluster that a text names. */
export interface ExternalHost {
  /** A DNS name in small letters, or an IPv4 address; with a placeholder as it is written. */
  readonly host: string;
  /** undefined: neither the text nor its scheme says it. */
  readonly port: number | undefined;
  /** `https`, `postgres`; undefined: none. */
  readonly scheme: string | undefined;
}

/** Ports that schemes stand for. */
const portOfScheme: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
  ['ws', 80],
  ['wss', 443],
  ['grpc', 443],
  ['grpcs', 443],
  ['postgres', 5432],
  ['postgresql', 5432],
  ['mysql', 3306],
  ['mariadb', 3306],
  ['sqlserver', 1433],
  ['oracle', 1521],
  ['mongodb', 27017],
  ['redis', 6379],
  ['rediss', 6379],
  ['amqp', 5672],
  ['amqps', 5671],
  ['kafka', 9092],
  ['nats', 4222],
  ['tls', 443],
  ['mqtt', 1883],
  ['mqtts', 8883],
  ['smtp', 587],
  ['smtps', 465],
  ['ldap', 389],
  ['ldaps', 636],
  ['sftp', 22],
  ['ssh', 22],
  ['ftp', 21],
]);

/** Schemes whose authority is no host. */
const notHosts: ReadonlySet<string> = new Set([
  's3',
  'gs',
  'file',
  'unix',
  'oci',
  'docker',
  'urn',
  'data',
  'mongodb+srv',
]);

const label = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const name = new RegExp(`^(?:${label}\\.){1,20}[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$`);

/** The hosts outside the cluster in one line of text: in URLs, in lists of `host:port`, and, where the whole text is an
 *  address, by the bare name. Names of the cluster, of this machine and of documentation are none. Linear in the line.
 *  @param isAddress  whether the text is the address of something, so that a name alone counts */
export function externalHostsIn(line: string, isAddress: boolean): readonly ExternalHost[] {
  if (line.length > 65_536) return [];
  const found: ExternalHost[] = [];
  for (const [, scheme = '', rest = ''] of line.matchAll(
    /(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]{0,20}):\/\/([^\s/?#"'<>\\)\]]{1,1024})/g,
  )) {
    const kind = (scheme.toLowerCase().split('+', 1)[0] ?? '').replace(/^jdbc:/, '');
    if (notHosts.has(scheme.toLowerCase())) continue;
    // Whatever stands before the last `@` is a user and a password.
    const hosts = rest.slice(rest.lastIndexOf('@') + 1).split(',');
    for (const each of hosts) found.push(...hostIn(each, kind, portOfScheme.get(kind)));
  }
  if (found.length > 0 || line.includes('://')) return found;
  const words = line.trim().split(/[,;\s]+/);
  if (words.length > 32) return [];
  for (const word of words) {
    const hasPort = /:\d{2,5}$/.test(word);
    if (hasPort || (isAddress && words.length === 1)) found.push(...hostIn(word, undefined, undefined));
  }
  return found;
}

function hostIn(
  text: string,
  scheme: string | undefined,
  implied: number | undefined,
): readonly ExternalHost[] {
  const [, raw = '', digits] = /^([^:]*?)\.?(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = digits === undefined ? implied : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535)) return [];
  if (/\$[({A-Za-z]|\{\{/.test(raw)) return raw.includes('.') ? [{ host: raw, port, scheme }] : [];
  const host = raw.toLowerCase();
  if (host.length > 253 || !(name.test(host) || isAddressOutside(host)) || isInside(host)) return [];
  return [{ host, port, scheme }];
}

/** Whether a text is an IPv4 address that is not this machine's. */
export function isAddressOutside(text: string): boolean {
  return isAddress(text) && !/^(?:127\.|0\.|22[4-9]\.|2[3-5]\d\.)/.test(text);
}

/** Names of the cluster, of a machine itself, of files, and those that only documents use.
 *  @see https://www.rfc-editor.org/rfc/rfc6761 */
function isInside(host: string): boolean {
  return (
    /(?:^|\.)(?:svc|local|localhost|localdomain|test|invalid|example)$/.test(host) ||
    host.endsWith(`.svc.${usualDomain}`) ||
    host.includes('.svc.') ||
    /^(?:www\.)?(?:example\.(?:com|org|net)|w3\.org|json-schema\.org|schemas?\.[a-z.]+)$/.test(host) ||
    /\.(?:ya?ml|json|js|ts|py|sh|conf|cfg|ini|toml|xml|properties|txt|log|pem|crt|key|so|jar|go|md|html|sql|lua|php|rb|sock)$/.test(
      host,
    )
  );
}
