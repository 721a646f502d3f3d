import type { JsonObject } from '../../../src/model/json.ts';
import type { ApiServer, Resource } from '../harness/api-server.ts';
import { templateChart } from '../harness/helm.ts';
import { Istiod } from './istiod.ts';
import { applied } from './scene.ts';

/** A control plane, by the values of its chart. */
export interface ControlPlane {
  readonly revision: string;
  readonly revisionTags: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

/** A pod that is about to be made. */
export interface NewPod {
  readonly namespace: { readonly name: string; readonly labels: Labels };
  readonly labels: Labels;
  readonly annotations?: Labels;
  readonly hostNetwork?: boolean;
}

const webhooks = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** Lets the API server make pods, as dry runs, with the webhooks of Istio's chart and the injector of a real istiod.
 *  @returns whether each has a sidecar */
export async function injected(
  server: ApiServer,
  { revision, revisionTags }: ControlPlane,
  pods: readonly NewPod[],
): Promise<readonly boolean[]> {
  const root = `injector-${revision}-${revisionTags.join('-')}`.replace(/-+$/, '');
  await applied(server, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: root } });
  const rendered = templateChart('istiod', {
    releaseName: 'istiod',
    namespace: root,
    values: { revision, revisionTags, global: { istioNamespace: root } },
  });
  if (!rendered.ok) throw new Error(rendered.error);
  const istiod = new Istiod();
  const made: string[] = [];
  try {
    const files = rendered.objects.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('istio-sidecar-injector'),
    ) as (Resource & { data: { config: string; values: string } }) | undefined;
    if (files === undefined) throw new Error('the chart has no injector');
    const url = await istiod.start(server, root, [], {}, files.data);
    const caBundle = await certificate(server, root);
    for (const each of rendered.objects.filter(({ kind }) => kind === 'MutatingWebhookConfiguration')) {
      const { webhooks: list } = each as unknown as { webhooks: readonly JsonObject[] };
      const object = {
        ...each,
        webhooks: list.map((hook) => ({ ...hook, clientConfig: { url, caBundle } })),
      };
      await applied(server, object);
      made.push(each.metadata.name);
    }
    const answers: boolean[] = [];
    for (const pod of pods) answers.push(await isInjected(server, pod));
    return answers;
  } finally {
    for (const name of made) await server.call('DELETE', `${webhooks}/${name}`);
    await istiod.stop();
  }
}

/** Of the authority that istiod made for itself, in base64. */
async function certificate(server: ApiServer, namespace: string): Promise<string> {
  const { body } = await server.call('GET', `/api/v1/namespaces/${namespace}/secrets/istio-ca-secret`);
  const { data } = body as { data?: Labels };
  const found = data?.['ca-cert.pem'];
  if (found === undefined) throw new Error('istiod has no authority');
  return found;
}

async function isInjected(server: ApiServer, pod: NewPod): Promise<boolean> {
  const { namespace, labels, annotations = {}, hostNetwork = false } = pod;
  const { status, body } = await server.call('POST', `/api/v1/namespaces/${namespace.name}/pods?dryRun=All`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'new', labels, annotations },
    spec: { serviceAccountName: 'app', hostNetwork, containers: [{ name: 'app', image: 'x' }] },
  });
  if (status >= 300) throw new Error(`${JSON.stringify(pod)}: ${String(body.message)}`);
  const spec = body.spec as { containers: { name: string }[]; initContainers?: { name: string }[] };
  return [...spec.containers, ...(spec.initContainers ?? [])].some(({ name }) => name === 'istio-proxy');
}
