import { declareSettings, defaultSettings } from '../../../src/mesh/settings.ts';
import { injectionOf } from '../../../src/mesh/injection.ts';
import { Inventory } from '../../../src/mesh/inventory.ts';
import { resourcesOf } from '../../mesh/manifests.ts';
import type { ApiServer } from '../harness/api-server.ts';
import type { ControlPlane, NewPod } from './injector.ts';
import { applied } from './scene.ts';

export const controlPlanes: readonly ControlPlane[] = [
  { revision: '', revisionTags: [] },
  { revision: 'stable', revisionTags: [] },
  { revision: 'stable', revisionTags: ['default'] },
];

const absent = undefined;
const injectionLabels = [absent, 'enabled', 'disabled', 'other'] as const;
const revisions = [absent, 'stable', 'default', 'unknown'] as const;
const podLabels = [absent, 'true', 'false'] as const;
const podRevisions = [absent, 'stable', 'default'] as const;

function labelsOf(entries: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(entries).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

const namespaces = injectionLabels.flatMap((injection, row) =>
  revisions.map((revision, column) => ({
    name: `labels-${String(row)}-${String(column)}`,
    labels: labelsOf({ 'istio-injection': injection, 'istio.io/rev': revision }),
  })),
);

const [, plain = { name: '', labels: {} }] = namespaces;

/** Every combination of the labels that count, and what else the injector looks at. */
export const newPods: readonly NewPod[] = [
  ...namespaces.flatMap((namespace) =>
    podLabels.flatMap((inject) =>
      podRevisions.map((revision) => ({
        namespace,
        labels: labelsOf({ 'sidecar.istio.io/inject': inject, 'istio.io/rev': revision }),
      })),
    ),
  ),
  { namespace: plain, labels: {}, hostNetwork: true },
  { namespace: plain, labels: {}, annotations: { 'sidecar.istio.io/inject': 'false' } },
  { namespace: plain, labels: {}, annotations: { 'sidecar.istio.io/inject': 'true' } },
  {
    namespace: plain,
    labels: { 'sidecar.istio.io/inject': 'true' },
    annotations: { 'sidecar.istio.io/inject': 'false' },
  },
  ...['true', 'false'].map((inject) => ({
    namespace: { name: 'kube-system', labels: {} },
    labels: { 'sidecar.istio.io/inject': inject, 'istio.io/rev': 'stable' },
  })),
];

export async function applyNamespaces(server: ApiServer): Promise<void> {
  for (const { name, labels } of namespaces)
    await applied(server, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
}

/** What the simulator says of a pod. */
export function simulatedInjection(
  pod: NewPod,
  { revision, revisionTags }: ControlPlane,
): boolean | undefined {
  const { namespace, labels, annotations = {}, hostNetwork = false } = pod;
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'new', namespace: namespace.name, labels, annotations },
    spec: { hostNetwork, containers: [{ name: 'app', image: 'x' }] },
  };
  const labelled = { apiVersion: 'v1', kind: 'Namespace', metadata: namespace };
  const settings = declareSettings(defaultSettings, {
    revisions: [revision === '' ? 'default' : revision, ...revisionTags],
  });
  const text = `${JSON.stringify(labelled)}\n---\n${JSON.stringify(object)}\n`;
  const inventory = new Inventory(resourcesOf(text), settings);
  const [workload] = inventory.workloads;
  if (workload === undefined) throw new Error('a pod is a workload');
  return injectionOf(workload, inventory).isInjected;
}
