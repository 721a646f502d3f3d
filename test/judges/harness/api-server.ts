import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { hang } from '../../sampling.ts';

const cache = fileURLToPath(new URL('../../../.cache/judges/', import.meta.url));
export const versions = JSON.parse(readFileSync(new URL('../versions.json', import.meta.url), 'utf8')) as {
  readonly istioctl: string;
  readonly helm: string;
  readonly helmController: string;
  readonly actionlint: string;
  readonly fluxKustomize: string;
  readonly goSarif: string;
  readonly istioApi: Readonly<Record<string, string>>;
  readonly kubernetes: string;
  readonly kubeconform: string;
  readonly kustomize: string;
  readonly types: readonly { readonly module: string; readonly version: string }[];
};

export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export interface Answer {
  readonly status: number;
  readonly body: {
    readonly message?: string;
    readonly metadata?: { readonly resourceVersion?: string };
  } & Record<string, unknown>;
}

interface Definition extends Resource {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** A real kube-apiserver over a real etcd, on loopback, with Flux's and cert-manager's CRDs. */
export class ApiServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'meshwright-judge-'));
  readonly #token = randomBytes(16).toString('hex');
  readonly #children: ChildProcess[] = [];
  readonly #plurals = new Map<string, { readonly name: string; readonly namespaced: boolean }>();
  #port = 0;
  #log = '';

  /** Starts with the CRDs of an Istio minor too; of `undefined`, without any, for a test that brings them itself. */
  async start(istioMinor: string | undefined): Promise<void> {
    const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
    this.#port = secure;
    const etcd = `http://127.0.0.1:${String(client)}`;
    this.#spawn('etcd', [
      `--data-dir=${join(this.#folder, 'etcd')}`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=http://127.0.0.1:${String(peer)}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${String(peer)}`,
      `--initial-cluster=default=http://127.0.0.1:${String(peer)}`,
      '--unsafe-no-fsync',
    ]);
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    const key = join(this.#folder, 'sa.key');
    const tokens = join(this.#folder, 'tokens.csv');
    writeFileSync(key, privateKey);
    writeFileSync(tokens, `${this.#token},judge,judge,system:masters\n`);
    this.#spawn(join(cache, `kube-apiserver-${versions.kubernetes}`, 'kube-apiserver'), [
      `--etcd-servers=${etcd}`,
      `--secure-port=${String(secure)}`,
      '--bind-address=127.0.0.1',
      `--cert-dir=${join(this.#folder, 'certs')}`,
      `--token-auth-file=${tokens}`,
      '--authorization-mode=RBAC',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${key}`,
      `--service-account-signing-key-file=${key}`,
      '--service-cluster-ip-range=10.0.0.0/16',
      '--disable-admission-plugins=ServiceAccount',
      // A webhook's Service has no endpoints here: said at once, where a dial of its address would leave the machine.
      '--enable-aggregator-routing=true',
    ]);
    await this.#until(async () => (await this.call('GET', '/readyz')).status === 200);
    await this.#install(istioMinor);
  }

  async stop(): Promise<void> {
    for (const child of this.#children.reverse()) {
      const gone = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Server-side apply with strict field validation; of a kind whose CRD was applied before, too. */
  async apply(resource: Resource, isDryRun: boolean): Promise<Answer> {
    const query = `fieldManager=meshwright&fieldValidation=Strict&force=true${isDryRun ? '&dryRun=All' : ''}`;
    if (!this.#plurals.has(kindOf(resource))) await this.#learn();
    const path = `${this.#pathOf(resource)}/${resource.metadata.name}?${query}`;
    return this.call('PATCH', path, resource, 'application/apply-patch+yaml');
  }

  /** A kubeconfig for kubectl, gone with the server. */
  kubeconfig(): string {
    const file = join(this.#folder, 'kubeconfig');
    const cluster = { server: `https://127.0.0.1:${String(this.#port)}`, 'insecure-skip-tls-verify': true };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'judge', cluster }],
      users: [{ name: 'judge', user: { token: this.#token } }],
      contexts: [{ name: 'judge', context: { cluster: 'judge', user: 'judge' } }],
      'current-context': 'judge',
    };
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }

  /** An object as the server has it. */
  async read(resource: Resource): Promise<Answer> {
    return this.call('GET', `${this.#pathOf(resource)}/${resource.metadata.name}`);
  }

  async createNamespace(name: string): Promise<void> {
    await this.call('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    });
  }

  async #install(istioMinor: string | undefined): Promise<void> {
    const istio = istioMinor === undefined ? [] : istioDefinitions(istioMinor);
    const others = versions.types.flatMap(({ module, version }) =>
      definitionsIn(join(cache, `${module.split('/').at(-1) ?? ''}-${version}`, 'types')),
    );
    for (const crd of [...istio, ...others]) {
      const { status, body } = await this.call('POST', definitions, crd);
      if (status !== 201) throw new Error(`${crd.metadata.name}: ${String(body.message)}`);
    }
    await this.#learn();
  }

  /** Learns every kind, once all CRDs on the server are served. */
  async #learn(): Promise<void> {
    await this.#until(async () => {
      const { body } = await this.call('GET', definitions);
      const crds = body.items as readonly Definition[];
      if (!crds.every(isEstablished)) return false;
      await this.#discover();
      return crds.flatMap(servedKinds).every((kind) => this.#plurals.has(kind));
    });
  }

  async #discover(): Promise<void> {
    const groups = (await this.call('GET', '/apis')).body.groups as readonly {
      versions: readonly { groupVersion: string }[];
    }[];
    for (const groupVersion of [
      'v1',
      ...groups.flatMap((group) => group.versions.map((version) => version.groupVersion)),
    ]) {
      const { body } = await this.call('GET', groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`);
      const resources = (body.resources ?? []) as readonly {
        name: string;
        kind: string;
        namespaced: boolean;
      }[];
      for (const { name, kind, namespaced } of resources)
        if (!name.includes('/')) this.#plurals.set(`${groupVersion}/${kind}`, { name, namespaced });
    }
  }

  #pathOf(resource: Resource): string {
    const { apiVersion, kind, metadata } = resource;
    const known = this.#plurals.get(kindOf(resource));
    if (known === undefined) throw new Error(`the API server has no ${apiVersion} ${kind}`);
    const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
    return known.namespaced
      ? `${root}/namespaces/${metadata.namespace ?? 'default'}/${known.name}`
      : `${root}/${known.name}`;
  }

  call(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> {
    return new Promise((done, fail) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port: this.#port,
          method,
          path,
          // The server made its certificate a moment ago, for itself.
          rejectUnauthorized: false,
          headers: {
            authorization: `Bearer ${this.#token}`,
            accept: 'application/json',
            'content-type': type,
          },
        },
        (incoming) => {
          const parts: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => parts.push(chunk));
          incoming.on('end', () => {
            const text = Buffer.concat(parts).toString();
            const isJson = incoming.headers['content-type']?.includes('json') === true;
            done({
              status: incoming.statusCode ?? 0,
              body: (isJson ? JSON.parse(text) : {}) as Answer['body'],
            });
          });
        },
      );
      outgoing.on('error', fail);
      outgoing.end(body === undefined ? undefined : ascii(JSON.stringify(body)));
    });
  }

  #spawn(file: string, args: readonly string[]): void {
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-4000);
    });
    child.on('error', (error) => {
      this.#log += error.message;
    });
    this.#children.push(child);
  }

  async #until(isDone: () => Promise<boolean | undefined>): Promise<void> {
    try {
      await vi.waitUntil(async () => (await isDone().catch(() => false)) === true, {
        timeout: hang,
        interval: 100,
      });
    } catch (error) {
      throw new Error(`the API server did not come up:\n${this.#log}`, { cause: error });
    }
  }
}

function kindOf({ apiVersion, kind }: Resource): string {
  return `${apiVersion}/${kind}`;
}

function isEstablished({ status }: Definition): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') === true;
}

function servedKinds({ spec: { group, names, versions: all } }: Definition): readonly string[] {
  return all.filter(({ served }) => served).map(({ name }) => `${group}/${name}/${names.kind}`);
}

/** JSON without raw control characters, which the server's YAML reader refuses. */
function ascii(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The CustomResourceDefinitions in the files of a folder. */
function definitionsIn(folder: string): readonly Resource[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), 'utf8')))
    .map((document) => document.toJS() as Resource | null)
    .filter((object) => object !== null)
    .filter(({ kind }) => kind === 'CustomResourceDefinition');
}

/** Istio's CustomResourceDefinitions of one minor. */
export function istioDefinitions(minor: string): readonly Resource[] {
  return definitionsIn(join(cache, `istio-types-${versions.istioApi[minor] ?? ''}`, 'types'));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
