import { objectAt, valueAt, type JsonObject, type JsonValue } from '../../../src/model/json.ts';
import type { Resource } from '../../../src/model/resource.ts';
import type { Call } from '../../../src/model/traffic.ts';
import { containerPort } from '../../../src/mesh/workload.ts';
import type { Pod } from '../../../src/traffic/pods.ts';
import type { State } from '../../../src/traffic/states.ts';
import type { ApiServer } from '../harness/api-server.ts';
import { textOf } from './envoy.ts';

/** A pod on the judges' API server, as the kubelet and istiod's injector would have left it. */
export interface ScenePod {
  readonly name: string;
  readonly namespace: string;
  readonly workload: string;
  readonly ip: string;
  readonly serviceAccount: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly hasSidecar: boolean;
  readonly portOf: (target: number | string) => number | undefined;
}

export interface SceneService {
  readonly name: string;
  readonly namespace: string;
  /** `None` of a headless one. */
  readonly clusterIp: string;
  readonly ports: readonly {
    readonly number: number;
    readonly target: number | string;
    readonly said: string | undefined;
  }[];
  readonly pods: readonly ScenePod[];
}

/** Kinds that istiod reads and the cases have. */
const seen: ReadonlySet<string> = new Set([
  'AuthorizationPolicy',
  'DestinationRule',
  'EnvoyFilter',
  'Gateway',
  'PeerAuthentication',
  'RequestAuthentication',
  'Service',
  'ServiceEntry',
  'Sidecar',
  'VirtualService',
]);

let lastIp = 0;

function nextIp(): string {
  lastIp += 1;
  return `10.${String(100 + (lastIp >> 16))}.${String((lastIp >> 8) & 255)}.${String(lastIp & 255)}`;
}

/** One state of one cluster on the API server, in namespaces of its own: every namespace has a prefix, in whatever names it. */
export class Scene {
  readonly state: State;
  readonly pods: ScenePod[] = [];
  readonly services = new Map<string, SceneService>();
  readonly #prefix: string;
  readonly #root: string;
  readonly #group: string;
  readonly #namespaces: ReadonlySet<string>;
  readonly #word: RegExp;

  /** @param prefix  of the namespaces @param root  stands for the root namespace @param group  the label istiod looks for */
  constructor(state: State, prefix: string, root: string, group: string) {
    this.state = state;
    this.#prefix = prefix;
    this.#root = root;
    this.#group = group;
    const named = state.config.resources.flatMap(({ known, namespace, name }) =>
      known === 'Namespace' ? [name] : known === 'Secret' || namespace === '' ? [] : [namespace],
    );
    this.#namespaces = new Set(named.filter((each) => !shared.has(each)));
    // Hosts at the gateway, and outside, are names that scenes share with the root namespace's proxies.
    const words = [...this.#namespaces, 'istio-system', 'example'].sort(
      (one, other) => other.length - one.length,
    );
    this.#word = new RegExp(`(?<![\\w-])(?:${words.join('|')})(?![\\w-])`, 'gi');
  }

  /** Names of namespaces as they are on the API server. */
  renamed<T>(value: T): T {
    const text = JSON.stringify(value).replace(this.#word, (word) =>
      word === 'istio-system' ? this.#root : `${this.#prefix}${word}`,
    );
    return JSON.parse(text) as T;
  }

  callOf(call: Call): Call {
    return this.renamed(call);
  }

  /** Puts everything on the server. The objects of the root namespace are put there once, by whoever made it. */
  async apply(server: ApiServer): Promise<void> {
    const { config } = this.state;
    for (const each of this.#namespaces)
      if (each !== 'istio-system')
        await applied(server, {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: this.renamed(each), labels: { group: this.#group } },
        });
    await this.#applyPods(server);
    const objects = config.resources.filter(
      ({ known, namespace }) =>
        known !== undefined && seen.has(known) && (namespace !== 'istio-system' || known === 'Service'),
    );
    for (const each of objects) {
      const answer = await applied(server, this.renamed(cleaned(each)));
      if (each.known === 'Service') await this.#expose(server, each, answer);
    }
    await this.#addApiServer(server);
  }

  /** The API server's own Service, which every cluster has. */
  async #addApiServer(server: ApiServer): Promise<void> {
    const { body } = await server.call('GET', '/api/v1/namespaces/default/services/kubernetes');
    const made: SceneService = {
      name: 'kubernetes',
      namespace: 'default',
      clusterIp: textOf(valueAt(body as JsonObject, 'spec', 'clusterIP')),
      ports: [{ number: 443, target: 443, said: 'https' }],
      pods: [],
    };
    this.services.set('kubernetes.default.svc.cluster.local', made);
  }

  async #applyPods(server: ApiServer): Promise<void> {
    const all = [...this.#namespaces].flatMap((each) => this.state.pods.in(each));
    for (const [index, pod] of all.entries()) {
      if (pod.hasSidecar === undefined) throw new Error(`${pod.workload.name}: ${pod.why}`);
      this.pods.push(await this.#applyPod(server, pod, pod.hasSidecar, index));
    }
  }

  async #applyPod(server: ApiServer, pod: Pod, hasSidecar: boolean, index: number): Promise<ScenePod> {
    const { workload } = pod;
    const isByHand = workload.containers.some(({ name }) => name === 'istio-proxy');
    // The injector's label; one that is written in the template wins over it.
    const injected = hasSidecar && !isByHand ? { 'security.istio.io/tlsMode': 'istio' } : {};
    const namespace = this.renamed(workload.namespace);
    const name = `${workload.name}-${String(index)}`;
    const labels = this.renamed({ ...injected, ...workload.labels });
    const ip = nextIp();
    const containers = workload.containers
      .filter(({ isInit }) => !isInit)
      .map(({ name: own, ports }) => ({
        name: own,
        image: 'x',
        ports: ports.map((port) => ({
          containerPort: port.number,
          ...(port.name !== undefined && { name: port.name }),
        })),
      }));
    const proxy = hasSidecar && !isByHand ? [{ name: 'istio-proxy', image: 'x', ports: [] }] : [];
    const annotations = this.renamed(workload.annotations);
    const serviceAccountName = this.renamed(workload.serviceAccount);
    const made: ScenePod = {
      name,
      namespace,
      workload: this.renamed(workload.name),
      ip,
      serviceAccount: serviceAccountName,
      labels,
      annotations,
      hasSidecar,
      portOf: (target) => containerPort(workload, target),
    };
    await runPod(server, made, [...containers, ...proxy]);
    return made;
  }

  /** Writes the EndpointSlice that Kubernetes would. */
  async #expose(server: ApiServer, service: Resource, answer: JsonObject): Promise<void> {
    const found = this.state.config.serviceAt(
      `${service.name}.${service.namespace}.svc.${this.state.config.settings.clusterDomain}`,
    );
    if (found === undefined) throw new Error(`no service ${service.name}`);
    const selector = found.selector === undefined ? undefined : this.renamed(found.selector);
    const namespace = this.renamed(found.namespace);
    const pods = this.pods.filter(
      (pod) =>
        selector !== undefined &&
        pod.namespace === namespace &&
        Object.entries(selector).every(([key, value]) => pod.labels[key] === value),
    );
    const name = this.renamed(found.name);
    const made: SceneService = {
      name,
      namespace,
      clusterIp: textOf(valueAt(answer, 'spec', 'clusterIP')),
      ports: found.ports.map(({ number, targetPort, appProtocol, name: own }) => ({
        number,
        target: targetPort,
        said: appProtocol ?? own,
      })),
      pods,
    };
    this.services.set(`${name}.${namespace}.svc.cluster.local`, made);
    await exposePods(server, made, found.ports);
  }
}

const shared: ReadonlySet<string> = new Set(['default', 'kube-system']);

interface SlicePort {
  readonly name: string | undefined;
  readonly targetPort: number | string;
  readonly transport: string;
  readonly appProtocol: string | undefined;
}

export async function exposePods(
  server: ApiServer,
  { name, namespace, pods }: SceneService,
  ports: readonly SlicePort[],
): Promise<void> {
  for (const [index, pod] of pods.entries())
    await applied(server, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${name}-${String(index)}`,
        namespace,
        labels: { 'kubernetes.io/service-name': name },
      },
      addressType: 'IPv4',
      endpoints: [
        {
          addresses: [pod.ip],
          conditions: { ready: true, serving: true, terminating: false },
          targetRef: { kind: 'Pod', name: pod.name, namespace },
        },
      ],
      ports: ports.flatMap(({ name: own, targetPort, transport, appProtocol }) => {
        const port = pod.portOf(targetPort);
        if (port === undefined) return [];
        return [
          { name: own ?? '', port, protocol: transport, ...(appProtocol !== undefined && { appProtocol }) },
        ];
      }),
    });
}

export async function runPod(
  server: ApiServer,
  pod: ScenePod,
  containers: readonly JsonObject[],
): Promise<void> {
  const { name, namespace, ip, labels, annotations, serviceAccount } = pod;
  await applied(server, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, annotations },
    spec: { serviceAccountName: serviceAccount, containers },
  });
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
  const status = {
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    conditions: [{ type: 'Ready', status: 'True' }],
  };
  const answer = await server.call('PATCH', path, { status }, 'application/merge-patch+json');
  if (answer.status !== 200) throw new Error(`status of ${name}: ${String(answer.body.message)}`);
}

/** What a repository says of an object, without what belongs to one cluster only. */
export function cleaned({
  apiVersion,
  kind,
  namespace,
  name,
  labels,
  annotations,
  spec,
}: Resource): JsonObject {
  const ports =
    Array.isArray(spec.ports) && kind === 'Service' ? { ports: spec.ports.map(withoutNodePort) } : {};
  return {
    apiVersion,
    kind,
    metadata: { namespace, name, labels, annotations },
    spec: { ...spec, ...ports },
  };
}

function withoutNodePort(port: JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(objectAt(port)).filter(([key]) => key !== 'nodePort'));
}

/** @returns the object as the server has it */
export async function applied(server: ApiServer, object: JsonObject): Promise<JsonObject> {
  const answer = await server.apply(object as unknown as Parameters<ApiServer['apply']>[0], false);
  if (answer.status >= 300) throw new Error(`${JSON.stringify(object)}: ${String(answer.body.message)}`);
  return answer.body as JsonObject;
}
