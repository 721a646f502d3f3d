import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import type { JsonObject } from '../../../src/model/json.ts';
import { hang } from '../../sampling.ts';
import { versions, type ApiServer } from '../harness/api-server.ts';
import { textOf } from './envoy.ts';
import { AdsStream, types, type Node } from './wire.ts';

const binary = fileURLToPath(
  new URL(`../../../.cache/judges/pilot-discovery-${versions.istioctl}/pilot-discovery`, import.meta.url),
);

/** What istiod would send one proxy, each resource by its name. */
export interface ProxyConfig {
  readonly listeners: readonly JsonObject[];
  readonly clusters: ReadonlyMap<string, JsonObject>;
  readonly routes: ReadonlyMap<string, JsonObject>;
  readonly endpoints: ReadonlyMap<string, JsonObject>;
}

/** A real istiod, on loopback, over the judges' API server. It sees the namespaces with one label, so that several, with
 *  different meshes, can look at the same server. */
export class Istiod {
  readonly #folder = mkdtempSync(join(tmpdir(), 'meshwright-istiod-'));
  #child: ChildProcess | undefined;
  #port = 0;
  #log = '';

  /** @param meshConfig  without rootNamespace and discoverySelectors
   *  @param injector  the files `config` and `values` of its sidecar injector; undefined: it injects nothing
   *  @returns the address of the injector's webhook */
  async start(
    server: ApiServer,
    rootNamespace: string,
    discoverySelectors: readonly JsonObject[],
    meshConfig: JsonObject,
    injector?: { readonly config: string; readonly values: string },
  ): Promise<string> {
    this.#port = await freePort();
    const webhook = injector === undefined ? undefined : `localhost:${String(await freePort())}`;
    if (injector !== undefined) {
      const files = join(this.#folder, 'var/lib/istio/inject');
      mkdirSync(files, { recursive: true });
      writeFileSync(join(files, 'config'), injector.config);
      writeFileSync(join(files, 'values'), injector.values);
    }
    const mesh = join(this.#folder, 'mesh.json');
    writeFileSync(mesh, JSON.stringify({ ...meshConfig, rootNamespace, discoverySelectors }));
    const child = spawn(
      binary,
      [
        'discovery',
        `--kubeconfig=${server.kubeconfig()}`,
        `--meshConfig=${mesh}`,
        `--namespace=${rootNamespace}`,
        // All that istiod serves comes through one port, xDS too.
        `--httpAddr=127.0.0.1:${String(this.#port)}`,
        '--grpcAddr=',
        `--httpsAddr=${webhook?.replace('localhost', '127.0.0.1') ?? ''}`,
        '--secureGRPCAddr=',
        '--monitoringAddr=',
        '--ctrlz_port=0',
        '--ctrlz_address=127.0.0.1',
        '--shutdownDuration=0s',
      ],
      {
        cwd: this.#folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          HOME: this.#folder,
          POD_NAME: `istiod-${rootNamespace}`,
          POD_NAMESPACE: rootNamespace,
          REVISION: 'default',
          CLUSTER_ID: 'Kubernetes',
          PILOT_ENABLE_GATEWAY_API: 'false',
          VALIDATION_WEBHOOK_CONFIG_NAME: '',
          INJECTION_WEBHOOK_CONFIG_NAME: '',
          ...(webhook === undefined
            ? { ENABLE_CA_SERVER: 'false', PILOT_CERT_PROVIDER: 'none', INJECT_ENABLED: 'false' }
            : { PILOT_CERT_PROVIDER: 'istiod', ISTIOD_CUSTOM_HOST: 'localhost' }),
        },
      },
    );
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.#log = (this.#log + chunk.toString()).slice(-6000)));
    child.on('error', (error) => (this.#log += error.message));
    try {
      await vi.waitUntil(async () => (await this.#get('/ready').catch(() => undefined)) !== undefined, {
        timeout: hang,
        interval: 50,
      });
    } catch (error) {
      throw new Error(`istiod did not come up:\n${this.#log}`, { cause: error });
    }
    return webhook === undefined ? '' : `https://${webhook}/inject`;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child?.exitCode === null && child.signalCode === null) {
      const gone = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await gone;
      clearTimeout(late);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Everything for one proxy: connects as it, asks for all that it would ask for, and reads what istiod generates. */
  async configOf(node: Node): Promise<ProxyConfig> {
    const stream = new AdsStream(`http://127.0.0.1:${String(this.#port)}`, node);
    try {
      await Promise.all([stream.ask(types.CDS), stream.ask(types.LDS)]);
      const proxy = encodeURIComponent(node.id.split('~')[2] ?? '');
      const dump = async (what: string) => {
        const body = await this.#get(`/debug/config_dump?proxyID=${proxy}&types=${what}`);
        const { configs = [] } = JSON.parse(body ?? '{}') as { configs?: readonly JsonObject[] };
        return configs;
      };
      const first = await dump('LDS,CDS');
      const listeners = first.filter((each) => each['@type'] === types.LDS);
      const clusters = byName(
        first.filter((each) => each['@type'] === types.CDS),
        'name',
      );
      const routed = [...new Set(routeNames(listeners))];
      const served = [...clusters.values()].filter(({ type }) => type === 'EDS').map(serviceName);
      await Promise.all([
        routed.length === 0 ? undefined : stream.ask(types.RDS, routed),
        served.length === 0 ? undefined : stream.ask(types.EDS, served),
      ]);
      const second = await dump('RDS,EDS');
      return {
        listeners,
        clusters,
        routes: byName(
          second.filter((each) => each['@type'] === types.RDS),
          'name',
        ),
        endpoints: byName(
          second.filter((each) => each['@type'] === types.EDS),
          'clusterName',
        ),
      };
    } finally {
      stream.close();
    }
  }

  /** @returns undefined for an answer that is not 200 */
  #get(path: string): Promise<string | undefined> {
    return new Promise((done, fail) => {
      const outgoing = request({ host: '127.0.0.1', port: this.#port, path }, (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => parts.push(chunk));
        incoming.on('end', () => {
          done(incoming.statusCode === 200 ? Buffer.concat(parts).toString() : undefined);
        });
      });
      outgoing.on('error', fail);
      outgoing.end();
    });
  }
}

export function serviceName(cluster: JsonObject): string {
  const { edsClusterConfig, name } = cluster;
  const said = (edsClusterConfig as JsonObject | undefined)?.serviceName;
  return typeof said === 'string' ? said : textOf(name);
}

/** Every `rds.routeConfigName` of some listeners. */
function* routeNames(value: unknown): Iterable<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'routeConfigName' && typeof inner === 'string') yield inner;
    else yield* routeNames(inner);
  }
}

function byName(resources: readonly JsonObject[], key: string): ReadonlyMap<string, JsonObject> {
  return new Map(resources.map((each) => [textOf(each[key]), each]));
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
