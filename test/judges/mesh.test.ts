import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiServer, type Answer, type Resource } from './harness/api-server.ts';
import { builtAt, gatewaysElsewhere, targets } from './harness/bundles.ts';
import { dependencyOrders } from './harness/flux.ts';
import { istioSaysOfValues, templateChart, type Rendered } from './harness/helm.ts';
import { istioctlSays } from './harness/istioctl.ts';
import {
  chartOf,
  clusterAt,
  clusters,
  inStages,
  isRelease,
  type BuiltCluster,
  type HelmRelease,
  type Part,
} from './harness/mesh.ts';

const modes = ['permissive', 'strict'] as const;
const cases = clusters.flatMap(([cluster, environment]) =>
  modes.map((mode) => [cluster, mode, environment] as const),
);
const known = new Map<string, BuiltCluster>();

/** Built once for all tests. */
function built(cluster: string, mode: (typeof modes)[number]): BuiltCluster {
  const id = `${cluster} ${mode}`;
  const found = known.get(id) ?? clusterAt(cluster, mode);
  known.set(id, found);
  return found;
}

/** A Helm repository, hosts by namespace, central namespaces, a revision with a tag, DNS capture, tags, annotations. */
const desiredStates = (fleet: string) =>
  fleet
    .replace('  region: eu-west-1\n', '  region: eu-west-1\n  charts: https://charts.acme.example\n')
    .replace(/ {8}charts: oci.*\n/, '')
    .replace('  revision: stable\n', '  revision: stable\n  controlPlaneRevision: main\n  dnsCapture: true\n')
    .replace('    serviceAccount: istio-ingressgateway\n', '$&    hosts: namespaces\n')
    .replace('{collector:', '{tags: {team: "${mesh}"}, sampling: 12.5, collector:')
    .replace(
      '        loadBalancer:\n',
      '$&          annotations: {alb.ingress.kubernetes.io/tags: team=mesh}\n',
    )
    .replace('{repository: acme/platform, path: namespaces/payments.yaml}', 'cluster');

const objectsOf = ({ parts }: BuiltCluster) => parts.flatMap(({ objects }) => objects);
const isOfIstio = ({ apiVersion }: Resource) => apiVersion.includes('istio.io/');

function render(release: HelmRelease): Rendered {
  const { releaseName, values } = release.spec;
  return templateChart(chartOf(release), {
    releaseName,
    namespace: release.metadata.namespace ?? '',
    values,
  });
}

/** What the API server said against an object; empty when it took it. */
async function refusal(server: ApiServer, object: Resource): Promise<string> {
  const what = `${object.kind} ${object.metadata.name}`;
  try {
    const { status, body } = await server.apply(object, false);
    return status < 300 ? '' : `${what}: ${body.message ?? String(status)}`;
  } catch (error) {
    // The harness knows no path for a kind that the server does not have.
    return `${what}: ${String(error)}`;
  }
}

/** What an apply changed. Flux's types fill their status in by default, which the API server writes again each time while
 *  no controller runs; the generation counts changes of the rest. */
function stateOf({ body }: Answer): unknown {
  const metadata = body.metadata as { readonly generation?: number; readonly resourceVersion?: string };
  return metadata.generation ?? metadata.resourceVersion;
}

/** Applies one Flux Kustomization as its controllers do: the objects, then each release's chart.
 *  @returns the first refusal */
async function reconcile(server: ApiServer, { objects }: Part): Promise<string> {
  for (const object of inStages(objects)) {
    const said = await refusal(server, object);
    if (said !== '') return said;
    if (!isRelease(object)) continue;
    const rendered = render(object);
    if (!rendered.ok) return rendered.error;
    for (const part of inStages(rendered.objects)) {
      const refused = await refusal(server, part);
      if (refused !== '') return refused;
    }
  }
  return '';
}

describe.each(cases)('cluster %s, %s:', (cluster, mode, environment) => {
  it('leaves no variable of Flux unfilled', () => {
    expect(JSON.stringify(built(cluster, mode).parts)).not.toContain('${');
  });

  it('has values that Istio’s charts take, and the names that Gateways, policies and the load balancer rely on', async () => {
    const objects = objectsOf(built(cluster, mode));
    const { variables } = built(cluster, mode);
    const rendered = objects.filter(isRelease).flatMap((release) => {
      const made = render(release);
      if (!made.ok) throw new Error(made.error);
      return made.objects;
    });
    const find = (kind: string, name: string) =>
      rendered.find((each) => each.kind === kind && each.metadata.name === name);
    const istiod = objects.filter(isRelease).find(({ spec }) => spec.releaseName === 'istiod');

    expect(await istioSaysOfValues(istiod?.spec.values ?? {})).toEqual([]);
    expect(find('ServiceAccount', 'istio-ingressgateway')).toBeDefined();
    expect(find('Deployment', 'istio-ingressgateway')).toMatchObject({
      spec: { selector: { matchLabels: { istio: 'ingressgateway' } } },
    });
    expect(find('Service', 'istio-ingressgateway')).toMatchObject({
      spec: { type: 'ClusterIP', ports: [{ port: 15021 }, { port: 443 }] },
    });
    expect(JSON.stringify(find('Deployment', 'istiod-stable'))).toContain(
      `${variables.istio_hub ?? ''}/pilot:${variables.istio_tag ?? ''}`,
    );
    const webhooks = rendered.filter(({ kind }) => kind === 'MutatingWebhookConfiguration');
    expect(JSON.stringify(webhooks)).toContain('{"key":"istio.io/rev","operator":"In","values":["stable"]}');
  });

  it('is nothing that istioctl objects to, alone and with all namespaces of its environment', async () => {
    const istio = objectsOf(built(cluster, mode)).filter(isOfIstio);
    const stage = mode === 'strict' ? 'enforced' : 'joined';
    const namespaces = environment === 'lab' ? targets.flatMap(([target]) => builtAt(stage, target)) : [];

    expect(await istioctlSays('validate', istio)).toEqual([]);
    const others = gatewaysElsewhere.filter(({ metadata }) => metadata.namespace === 'edge');
    expect(await istioctlSays('analyze', [...istio, ...namespaces, ...others])).toEqual([]);
  });
});

describe.each(['1.30', '1.31'])('a real API server with the types of Istio %s', (minor) => {
  const server = new ApiServer();

  beforeAll(async () => {
    await server.start(minor);
    for (const name of ['flux-system', 'istio-system']) await server.createNamespace(name);
  });

  afterAll(async () => {
    await server.stop();
  });

  it.each(cases)(
    'takes what cluster %s has, %s: dry run, then twice without a change',
    async (cluster, mode) => {
      const { own } = built(cluster, mode);
      for (const object of [...own, ...objectsOf(built(cluster, mode))]) {
        const dry = await server.apply(object, true);
        expect([object.kind, object.metadata.name, dry.status < 300 ? '' : dry.body.message]).toEqual([
          object.kind,
          object.metadata.name,
          '',
        ]);
        const first = await server.apply(object, false);
        const second = await server.apply(object, false);
        expect([object.metadata.name, stateOf(second)]).toEqual([object.metadata.name, stateOf(first)]);
      }
    },
  );

  it('takes what a fleet may ask for beside that', async () => {
    const { own, parts } = clusterAt('lab-eu-1', 'strict', desiredStates);
    const objects = [...own, ...parts.flatMap((part) => part.objects)];
    const kinds = new Set(objects.map(({ kind }) => kind));
    const said = await Promise.all(
      objects.map(async (object) => {
        const { status, body } = await server.apply(object, true);
        return status < 300 ? '' : `${object.kind} ${object.metadata.name}: ${String(body.message)}`;
      }),
    );

    expect(said.filter((text) => text !== '')).toEqual([]);
    expect([...kinds]).toEqual(
      expect.arrayContaining(['HelmRepository', 'Namespace', 'Gateway', 'DestinationRule']),
    );
    expect(JSON.stringify(objects)).toContain('"hosts":["bookinfo/*","online-boutique/*","payments/*"]');
    expect(await istioctlSays('validate', objects.filter(isOfIstio))).toEqual([]);
  });
});

describe('from empty, on a real API server', () => {
  // The chain is a line but for the namespaces, so there are few orders; each takes a server of its own.
  const { parts } = built('lab-eu-1', 'strict');
  const orders = dependencyOrders(parts);

  it('has only the order that dependsOn says', () => {
    expect(orders).toEqual([
      ['mesh-controllers', 'mesh-istiod', 'mesh-gateway', 'mesh-config', 'mesh-ingress'],
    ]);
  });

  it.each(orders.map((order) => [order.join(', '), order] as const))(
    'takes every step, in the order %s',
    async (_, order) => {
      const server = new ApiServer();
      try {
        await server.start(undefined);
        const said: string[] = [];
        for (const name of order) {
          const part = parts.find((each) => each.name === name);
          if (part !== undefined) said.push(await reconcile(server, part));
        }
        expect(said).toEqual(order.map(() => ''));
      } finally {
        await server.stop();
      }
    },
  );

  // That the gateway comes after istiod, and the configuration after the gateway, no API server can tell: the gateway's
  // image is filled in by istiod's injector, and a load balancer needs pods. Those edges stand for these reasons.
  it('meets a missing namespace or type when a step is taken too early', async () => {
    const server = new ApiServer();
    try {
      await server.start(undefined);
      const early: Record<string, string> = {};
      for (const { name, ...part } of parts.filter((each) => each.dependsOn.length > 0)) {
        // What needs nothing but its namespace or type is tried alone.
        early[name] = await reconcile(server, { name, ...part });
      }
      expect(early).toEqual({
        'mesh-istiod': expect.stringContaining('namespaces "istio-system" not found') as string,
        'mesh-gateway': expect.stringContaining('namespaces "istio-system" not found') as string,
        'mesh-config': expect.stringMatching(/istio\.io|namespaces "istio-system" not found/) as string,
        'mesh-ingress': expect.stringContaining('namespaces "istio-system" not found') as string,
      });
      await server.createNamespace('istio-system');
      const config = parts.find(({ name }) => name === 'mesh-config');
      expect(await reconcile(server, config ?? { name: '', dependsOn: [], objects: [] })).toMatch(
        /the API server has no .*istio\.io/,
      );
    } finally {
      await server.stop();
    }
  });
});

it('knows a wrong value when it sees one', () => {
  const [gateway] = objectsOf(built('lab-eu-1', 'permissive'))
    .filter(isRelease)
    .filter((release) => chartOf(release) === 'gateway');
  if (gateway === undefined) throw new Error('there is no gateway');
  const values = { ...gateway.spec.values, replicaCount: 'many' };

  expect(render({ ...gateway, spec: { ...gateway.spec, values } })).toMatchObject({ ok: false });
});
