import type { JsonObject } from '../../../src/model/json.ts';
import type { Resource } from '../../../src/model/resource.ts';
import type { Call } from '../../../src/model/traffic.ts';
import type { State } from '../../../src/traffic/states.ts';
import type { ApiServer } from '../harness/api-server.ts';
import { Istiod, type ProxyConfig } from './istiod.ts';
import { applied, cleaned, exposePods, runPod, Scene, type ScenePod } from './scene.ts';
import { factsOf, wordOf, type Fact } from './truth.ts';

/** One state of a cluster, and the calls that are put to both judges. */
export interface Question {
  readonly name: string;
  readonly state: State;
  readonly meshConfig: JsonObject;
  readonly calls: readonly Call[];
}

export interface Answered {
  readonly question: Question;
  readonly call: Call;
  readonly fact: Fact;
}

/** Puts questions to real istiods: one for each mesh configuration and set of objects in the root namespace. */
export async function ask(server: ApiServer, questions: readonly Question[]): Promise<readonly Answered[]> {
  await applied(server, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'default', labels: { group: 'all' } },
  });
  const groups = new Map<string, Question[]>();
  for (const question of questions) {
    const root = rootObjects(question.state).map((each) => cleaned(each));
    const key = JSON.stringify([question.meshConfig, root]);
    groups.set(key, [...(groups.get(key) ?? []), question]);
  }
  const chunks = [...groups.values()].flatMap((group) => inChunks(group));
  const answers = new Map<Question, readonly Answered[]>();
  for (const [index, chunk] of chunks.entries())
    for (const [question, found] of await askGroup(server, `g${String(index)}`, chunk))
      answers.set(question, found);
  return questions.flatMap((question) => answers.get(question) ?? []);
}

/** Every proxy is told of everything in its mesh, so that few at a time are quicker than all at once. */
function inChunks<T>(list: readonly T[], size = 14): readonly (readonly T[])[] {
  const count = Math.ceil(list.length / size);
  return Array.from({ length: count }, (_, index) => list.slice(index * size, (index + 1) * size));
}

function rootObjects({ config }: State): readonly Resource[] {
  return config.resources.filter(
    ({ known, namespace }) => namespace === 'istio-system' && known !== undefined && ofRoot.has(known),
  );
}

const ofRoot: ReadonlySet<string> = new Set([
  'AuthorizationPolicy',
  'DestinationRule',
  'EnvoyFilter',
  'Gateway',
  'PeerAuthentication',
  'ServiceEntry',
  'Sidecar',
  'VirtualService',
]);

async function askGroup(
  server: ApiServer,
  group: string,
  questions: readonly Question[],
): Promise<readonly (readonly [Question, readonly Answered[]])[]> {
  const root = `${group}-istio-system`;
  const [first] = questions;
  if (first === undefined) return [];
  await applied(server, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: root, labels: { group } } });
  const gateway = await runGateway(server, root);
  const scenes = questions.map((question, index) => ({
    question,
    scene: new Scene(question.state, `${group}c${String(index)}-`, root, group),
  }));
  const [leading] = scenes;
  if (leading === undefined) return [];
  for (const each of rootObjects(first.state)) await applied(server, leading.scene.renamed(cleaned(each)));
  const waiting = [...scenes];
  const hand = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await next.scene.apply(server);
  };
  await Promise.all([hand(), hand(), hand(), hand(), hand(), hand()]);
  const istiod = new Istiod();
  const selectors = [{ matchExpressions: [{ key: 'group', operator: 'In', values: [group, 'all'] }] }];
  try {
    await istiod.start(server, root, selectors, first.meshConfig);
    const known = new Map<ScenePod, Promise<ProxyConfig>>();
    const configOf = (pod: ScenePod) => {
      const found = known.get(pod) ?? istiod.configOf(nodeOf(pod, pod === gateway));
      known.set(pod, found);
      return found;
    };
    const all: (readonly [Question, readonly Answered[]])[] = [];
    for (const { question, scene } of scenes) {
      const answers: Answered[] = [];
      const trustDomain = scene.renamed(question.state.config.settings.trustDomain);
      const judged = { pods: scene.pods, services: scene.services, gateway, configOf, trustDomain };
      for (const call of question.calls) {
        try {
          answers.push({ question, call, fact: wordOf(await factsOf(scene.callOf(call), judged)) });
        } catch (error) {
          throw new Error(`${question.name}: ${String(error)}`, { cause: error });
        }
      }
      all.push([question, answers]);
    }

    return all;
  } finally {
    await istiod.stop();
  }
}

async function runGateway(server: ApiServer, namespace: string): Promise<ScenePod> {
  const targets: Readonly<Record<string, number>> = { '80': 8080, '443': 8443 };
  const gateway: ScenePod = {
    name: 'istio-ingressgateway-0',
    namespace,
    workload: 'istio-ingressgateway',
    ip: `10.90.0.${String(Number(/\d+/.exec(namespace)?.[0] ?? 0) + 1)}`,
    serviceAccount: 'istio-ingressgateway',
    labels: { istio: 'ingressgateway', 'security.istio.io/tlsMode': 'istio' },
    annotations: {},
    hasSidecar: true,
    portOf: (target) => Number(target),
  };
  await runPod(server, gateway, [{ name: 'istio-proxy', image: 'x' }]);
  const ports = Object.entries(targets).map(([port, targetPort]) => ({
    name: port === '80' ? 'http2' : 'https',
    port: Number(port),
    targetPort,
  }));
  await applied(server, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'istio-ingressgateway', namespace },
    spec: { selector: { istio: 'ingressgateway' }, ports },
  });
  const exposed = { name: 'istio-ingressgateway', namespace, clusterIp: '', ports: [], pods: [gateway] };
  await exposePods(
    server,
    exposed,
    ports.map(({ name, targetPort }) => ({ name, targetPort, transport: 'TCP', appProtocol: undefined })),
  );
  return gateway;
}

function nodeOf({ name, namespace, ip, labels, annotations, serviceAccount }: ScenePod, isGateway: boolean) {
  return {
    id: `${isGateway ? 'router' : 'sidecar'}~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`,
    metadata: {
      NAME: name,
      NAMESPACE: namespace,
      LABELS: labels,
      ANNOTATIONS: annotations,
      SERVICE_ACCOUNT: serviceAccount,
      CLUSTER_ID: 'Kubernetes',
      ISTIO_VERSION: '1.31.0',
      INSTANCE_IPS: ip,
      INTERCEPTION_MODE: 'REDIRECT',
    },
  };
}
