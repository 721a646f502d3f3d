import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createPlain, request as ask, type Server } from 'node:http';
import { createServer as createTls } from 'node:https';
import { connect, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './harness/world.ts';

// The world's server stands behind one that speaks TLS, with a certificate of an authority that nobody else knows.
const world = new World();
const folder = mkdtempSync(join(tmpdir(), 'meshwright-network-'));
const file = (name: string) => join(folder, name);
const openssl = (...args: readonly string[]) =>
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
const sockets = new Set<Socket>();
let wantsClient = false;
let tlsPort = 0;
let proxyPort = 0;
let silentPort = 0;
const tunnels: string[] = [];
let servers: (Server | TcpServer)[] = [];

async function listening(server: Server | TcpServer): Promise<number> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  await world.start();
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=Acme CA',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  );
  for (const [name, extra] of [
    ['server', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ['client', 'extendedKeyUsage=clientAuth'],
    ['other', 'subjectAltName=DNS:elsewhere.example'],
  ] as const) {
    writeFileSync(file(`${name}.ext`), extra);
    openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    );
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
  }
  const upstream = Number(new URL(world.origin).port);
  const server = createTls(
    {
      key: readFileSync(file('server.key')),
      cert: readFileSync(file('server.pem')),
      ca: readFileSync(file('ca.pem')),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      if (wantsClient && !(request.socket as unknown as { authorized: boolean }).authorized) {
        request.socket.destroy();
        return;
      }
      const { host: _, ...headers } = request.headers;
      const onward = ask(
        {
          port: upstream,
          host: '127.0.0.1',
          method: request.method,
          path: request.url,
          headers: { ...headers, host: `127.0.0.1:${String(upstream)}` },
        },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    },
  );
  tlsPort = await listening(server);
  const proxy = createPlain((_, response) => response.writeHead(405).end());
  proxy.on('connect', (request, socket: Socket, head) => {
    tunnels.push(request.url ?? '');
    const credentials = Buffer.from(
      (request.headers['proxy-authorization'] ?? '').replace('Basic ', ''),
      'base64',
    ).toString();
    if (credentials !== 'user:pass word') {
      socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="acme"\r\nConnection: close\r\ncontent-length: 0\r\n\r\n',
      );
      return;
    }
    const onward = connect(tlsPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    sockets.add(onward);
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  proxyPort = await listening(proxy);
  // Takes connections, and never says a word.
  silentPort = await listening(createPlain(() => undefined));
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  servers = [];
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Case {
  readonly name: string;
  readonly environment: () => Readonly<Record<string, string>>;
  readonly code: number;
  readonly says?: RegExp;
  readonly host?: () => string;
  readonly tunnels?: boolean;
  readonly client?: boolean;
  readonly config?: () => string;
}

const proxied = (user = 'user:pass%20word@') => ({
  HTTPS_PROXY: `http://${user}127.0.0.1:${String(proxyPort)}`,
});
const extra = () => ({ NODE_EXTRA_CA_CERTS: file('ca.pem') });
const ours = () => ({ ...extra(), GIT_SSL_CERT: file('client.pem'), GIT_SSL_KEY: file('client.key') });

const cases: readonly Case[] = [
  {
    name: 'an authority nobody named',
    environment: () => ({}),
    code: 3,
    says: /forge-certificate[^]*NODE_EXTRA_CA_CERTS/,
  },
  { name: 'NODE_EXTRA_CA_CERTS', environment: extra, code: 0 },
  { name: 'SSL_CERT_FILE', environment: () => ({ SSL_CERT_FILE: file('ca.pem') }), code: 0 },
  { name: 'GIT_SSL_CAINFO', environment: () => ({ GIT_SSL_CAINFO: file('ca.pem') }), code: 0 },
  {
    name: 'http.sslCAInfo of git',
    environment: () => ({}),
    config: () => `[http]\n\tsslCAInfo = ${file('ca.pem')}\n`,
    code: 0,
  },
  {
    name: 'http.sslVerify of git, which is not carried over',
    environment: () => ({}),
    config: () => '[http]\n\tsslVerify = false\n',
    code: 3,
    says: /forge-certificate/,
  },
  {
    name: 'NODE_TLS_REJECT_UNAUTHORIZED and GIT_SSL_NO_VERIFY',
    environment: () => ({ GIT_SSL_NO_VERIFY: '1' }),
    code: 3,
    says: /forge-certificate/,
  },
  {
    name: 'a file of certificates that is not there',
    environment: () => ({ NODE_EXTRA_CA_CERTS: '/nowhere.pem' }),
    code: 2,
    says: /network-setting[^]*\/nowhere\.pem/,
  },
  {
    name: 'a file of certificates that holds none',
    environment: () => ({ SSL_CERT_FILE: '/etc/hostname' }),
    code: 2,
    says: /network-setting/,
  },
  {
    name: 'an authority of another certificate',
    environment: () => ({ SSL_CERT_FILE: file('other.pem') }),
    code: 3,
    says: /forge-certificate/,
  },
  { name: 'a proxy', environment: () => ({ ...extra(), ...proxied() }), code: 0, tunnels: true },
  {
    name: 'a proxy in small letters',
    environment: () => ({ ...extra(), https_proxy: proxied().HTTPS_PROXY }),
    code: 0,
    tunnels: true,
  },
  {
    name: 'a proxy for everything',
    environment: () => ({ ...extra(), ALL_PROXY: proxied().HTTPS_PROXY }),
    code: 0,
    tunnels: true,
  },
  {
    name: 'http.proxy of git',
    environment: extra,
    config: () => `[http]\n\tproxy = ${proxied().HTTPS_PROXY}\n`,
    code: 0,
    tunnels: true,
  },
  {
    name: 'a proxy that wants a password',
    environment: () => ({ ...extra(), ...proxied('') }),
    code: 3,
    says: /forge-proxy[^]*HTTPS_PROXY/,
  },
  {
    name: 'a proxy that is not there',
    environment: () => ({ ...extra(), HTTPS_PROXY: 'http://127.0.0.1:9' }),
    code: 3,
    says: /forge-(?:proxy|network)/,
  },
  {
    name: 'a proxy that is no URL',
    environment: () => ({ HTTPS_PROXY: 'ftp://x' }),
    code: 2,
    says: /network-setting/,
  },
  {
    name: 'NO_PROXY',
    environment: () => ({ ...extra(), ...proxied(''), NO_PROXY: 'example.com, localhost' }),
    code: 0,
    tunnels: false,
  },
  {
    name: 'NO_PROXY with a star',
    environment: () => ({ ...extra(), ...proxied(''), NO_PROXY: '*' }),
    code: 0,
    tunnels: false,
  },
  {
    name: 'NO_PROXY for others',
    environment: () => ({ ...extra(), ...proxied(), NO_PROXY: 'host,notlocalhost' }),
    code: 0,
    tunnels: true,
  },
  { name: 'a client certificate that is wanted', client: true, environment: ours, code: 0 },
  {
    name: 'a client certificate that is wanted and not named',
    client: true,
    environment: extra,
    code: 3,
    says: /forge-(?:network|certificate)/,
  },
  {
    name: 'a server that never answers',
    environment: () => ({ MESHWRIGHT_TIMEOUT: '1' }),
    host: () => `http://127.0.0.1:${String(silentPort)}`,
    code: 3,
    says: /forge-timeout[^]*MESHWRIGHT_TIMEOUT/,
  },
  {
    name: 'no patience that is a number',
    environment: () => ({ MESHWRIGHT_TIMEOUT: 'soon' }),
    code: 2,
    says: /network-setting[^]*MESHWRIGHT_TIMEOUT/,
  },
];

describe('a network of a company', () => {
  it.each(cases.map((each) => [each.name, each] as const))('%s', async (_, each) => {
    const origin = each.host?.() ?? `https://localhost:${String(tlsPort)}`;
    const fleet = readFileSync(world.fleet, 'utf8').replaceAll(world.origin, origin);
    writeFileSync(file('fleet.yaml'), fleet);
    writeFileSync(file('.gitconfig'), each.config?.() ?? '');
    tunnels.splice(0);
    wantsClient = each.client === true;
    const environment = {
      HOME: folder,
      MESHWRIGHT_CACHE: file(`cache-${String(cases.indexOf(each))}`),
      MESHWRIGHT_GITHUB_HOST: new URL(origin).host,
      ...each.environment(),
    };

    // git reads the repository, the API is asked for waves.
    for (const command of [
      ['diff', 'bookinfo@lab'],
      ['wave', 'status'],
    ]) {
      const { code, stdout, stderr } = await world.meshwright(
        [...command, '--fleet', file('fleet.yaml')],
        environment,
      );
      const told = `${command.join(' ')}: ${stdout}\n${stderr}`;
      expect(code === 1 && each.code === 0 ? 0 : code, told).toBe(each.code);
      if (each.says !== undefined) expect(stderr, told).toMatch(each.says);
      expect(stderr).not.toContain('pass word');
    }
    if (each.tunnels !== undefined)
      expect(tunnels.filter((place) => place === `localhost:${String(tlsPort)}`).length > 0).toBe(
        each.tunnels,
      );
  });
});
