import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { Agent, ProxyAgent, fetch as send } from 'undici';
import { failure, success, type Outcome } from '../model/problem.ts';
import { makeFolder } from './folders.ts';
import { hideSecret } from './redact.ts';
import { replaceFile } from './whole-file.ts';

/** How this machine reaches hosts, for the API and for git alike. */
export interface Network {
  readonly fetch: typeof fetch;
  /** For git, beside its own proxy variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** For git: those of the operator's configuration, and what the environment says after them. */
  readonly settings: readonly (readonly [key: string, value: string])[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const usualSeconds = 60;

/** What the environment says of proxies, certificates and patience; where it is silent, the operator's git configuration.
 *  - proxy: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, in either case; then `http.proxy`
 *  - who is trusted: `GIT_SSL_CAINFO`, `SSL_CERT_FILE` or `http.sslCAInfo`, the first of them, in place of the usual
 *    authorities; `NODE_EXTRA_CA_CERTS` beside them
 *  - who we are: `GIT_SSL_CERT` and `GIT_SSL_KEY`, or `http.sslCert` and `http.sslKey`
 *  - patience: `MESHWRIGHT_TIMEOUT`, seconds without an answer
 *  @param api  where requests go
 *  @param ofGit  the operator's configuration of git, as far as it is carried over
 *  @returns problem `network-setting` */
export async function readNetwork(
  api: string,
  environment: Environment,
  cache: string,
  ofGit: readonly (readonly [key: string, value: string])[],
): Promise<Outcome<Network>> {
  const first = (...names: readonly string[]) =>
    names.map((name) => ({ name, value: environment[name] ?? '' })).find(({ value }) => value !== '');
  const configured = (key: string) => {
    const value = ofGit.findLast(([name]) => name.toLowerCase() === key)?.[1] ?? '';
    return value === '' ? undefined : { name: `${key} of git`, value };
  };
  const patience = Number(environment.MESHWRIGHT_TIMEOUT ?? usualSeconds);
  if (!Number.isInteger(patience) || patience < 1 || patience > 3600)
    return refused(
      'MESHWRIGHT_TIMEOUT',
      'is not a number of seconds from 1 to 3600',
      'Set a whole number, or unset it.',
    );
  const store = first('GIT_SSL_CAINFO', 'SSL_CERT_FILE') ?? configured('http.sslcainfo');
  const extra = first('NODE_EXTRA_CA_CERTS');
  const cert = first('GIT_SSL_CERT') ?? configured('http.sslcert');
  const key = first('GIT_SSL_KEY') ?? configured('http.sslkey') ?? cert;
  const texts = new Map<string, string>();
  for (const setting of [store, extra, cert, key]) {
    if (setting === undefined) continue;
    const text = await readFile(setting.value, 'utf8').catch(() => undefined);
    if (text?.includes('-----BEGIN ') !== true)
      return refused(
        setting.name,
        `names ${setting.value}, which ${text === undefined ? 'could not be read' : 'holds nothing in the form of PEM'}`,
        'Name a readable file of certificates in PEM, or unset it.',
      );
    texts.set(setting.name, text);
  }
  const of = (setting: { readonly name: string } | undefined) => texts.get(setting?.name ?? '');
  const trusted = [of(store) ?? rootCertificates.join('\n'), of(extra)].filter((text) => text !== undefined);
  const ca = store === undefined && extra === undefined ? undefined : trusted.join('\n');
  const url = new URL(api);
  // As curl, and so git, reads them: the one for http in small letters only, which a CGI's caller can't set.
  const named = url.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy'];
  const proxy = first(...named, 'all_proxy', 'ALL_PROXY') ?? configured('http.proxy');
  if (proxy !== undefined && !/^https?:$/.test(schemeOf(proxy.value)))
    return refused(proxy.name, 'is not the URL of an HTTP proxy', 'Write it as http://proxy.example:3128.');
  const milliseconds = patience * 1000;
  const tls = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert: of(cert), key: of(key) }),
  };
  const limits = { headersTimeout: milliseconds, bodyTimeout: milliseconds };
  const connect = { ...tls, timeout: milliseconds };
  const dispatcher =
    proxy === undefined || isExcepted(url, first('no_proxy', 'NO_PROXY')?.value ?? '')
      ? new Agent({ ...limits, connect })
      : new ProxyAgent({
          ...limits,
          ...withCredentials(new URL(withScheme(proxy.value))),
          requestTls: connect,
          proxyTls: { ...(ca !== undefined && { ca }), timeout: milliseconds },
        });
  return success({
    fetch: ((input: string | URL, init: object) =>
      send(input, { ...init, dispatcher })) as unknown as typeof fetch,
    environment: ca === undefined ? {} : { GIT_SSL_CAINFO: await fileOf(ca, cache) },
    settings: [
      ...ofGit,
      ['http.lowSpeedLimit', '1'],
      ['http.lowSpeedTime', String(patience)],
      ...(cert === undefined
        ? []
        : ([
            ['http.sslCert', cert.value],
            ['http.sslKey', key?.value ?? cert.value],
          ] as const)),
    ],
  });
}

function withCredentials(proxy: URL): { readonly uri: string; readonly token?: string } {
  const { username, password } = proxy;
  if (username === '') return { uri: proxy.href };
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  hideSecret(decodeURIComponent(password));
  [proxy.username, proxy.password] = ['', ''];
  return { uri: proxy.href, token: `Basic ${Buffer.from(plain).toString('base64')}` };
}

/** Whether a host is reached without the proxy: a list of hosts and domains, each with everything below it, or a star.
 *  @see https://curl.se/libcurl/c/CURLOPT_NOPROXY.html */
function isExcepted({ hostname, port, protocol }: URL, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const own = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return list.split(/[,\s]+/).some((entry) => {
    if (entry === '*') return true;
    const [, name = '', wanted = own] = /^\.?(.*?)(?::(\d{1,5}))?$/.exec(entry.toLowerCase()) ?? [];
    return name !== '' && wanted === own && (host === name || host.endsWith(`.${name}`));
  });
}

function schemeOf(proxy: string): string {
  return URL.canParse(withScheme(proxy)) ? new URL(withScheme(proxy)).protocol : '';
}

/** As curl takes a proxy that is no URL yet. */
function withScheme(proxy: string): string {
  return proxy === '' || /^[a-z0-9]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

/** git takes a file; its name is that of what is in it, so that nobody changes it under another. */
async function fileOf(certificates: string, cache: string): Promise<string> {
  const folder = join(cache, 'certificates');
  await makeFolder(folder, 0o700);
  const file = join(folder, `${createHash('sha256').update(certificates).digest('hex').slice(0, 20)}.pem`);
  const present = await readFile(file, 'utf8').catch(() => undefined);
  if (present !== certificates) await replaceFile(file, certificates);
  return file;
}

function refused(name: string, why: string, fix: string): Outcome<never> {
  return failure({
    rule: 'network-setting',
    severity: 'error',
    message: `${name} ${why}. Nothing was sent.`,
    fix,
  });
}
