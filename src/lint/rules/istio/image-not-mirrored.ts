import { stringAt, type YamlPath } from '../../../model/json.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { istioReleases } from '../../../mesh/control-plane.ts';
import { imageName } from '../../facts/known-software.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

const ofIstio: ReadonlySet<string> = new Set(['install-cni', 'pilot', 'proxyv2', 'ztunnel']);
const publicHosts = [
  'docker.io',
  'gcr.io',
  'ghcr.io',
  'quay.io',
  'registry.istio.io',
  'registry-1.docker.io',
];

export default rule({
  id: 'image-not-mirrored',
  severity: 'warning',
  kinds: ['HelmRelease', 'Deployment', 'DaemonSet', 'StatefulSet', 'Pod', 'IstioOperator'],
  summary: 'an Istio image from a public registry in a mesh with a private registry',
  why: "If a proxy between the cluster and the internet intercepts TLS, nodes can't pull from quay.io, docker.io, ghcr.io or Istio’s registry (x509: unknown authority). The mesh declares a private registry, but this component does not use it: it works while a node has the image cached, and stays in ImagePullBackOff on the next node.",
  fix: 'Set the chart’s `global.hub`, or the image, to the private registry.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/setup/install/helm/',
    'https://istio.io/latest/docs/reference/config/istio.operator.v1alpha1/',
  ],
  *check(inventory) {
    const own = privateHub(inventory);
    if (own === undefined) return;
    const fix = `Use ${own}.`;
    for (const { resource, chart, values, valuesPath, hasMoreValues } of istioReleases(inventory)) {
      if (chart === 'base' || chart === 'gateway') continue;
      const said = hubPaths(chart).map((path) => ({ path, hub: stringAt(resource.value, ...path) }));
      const found = said.find(({ hub }) => hub !== undefined);
      if (found?.hub === undefined && (hasMoreValues || chart === 'operator')) continue;
      if (found?.hub !== undefined && !isPublic(found.hub)) continue;
      yield {
        resource,
        path: found?.path ?? (Object.keys(values).length > 0 ? valuesPath : ['metadata', 'name']),
        ...(found === undefined && { at: 'key' }),
        message: `The images of ${resource.name === '' ? 'this release' : resource.name} come from ${found?.hub ?? 'Istio’s public registry'}, but the mesh uses ${own}.`,
        fix,
      };
    }
    for (const { resource, containers } of inventory.workloads)
      for (const { path, value } of containers) {
        const image = stringAt(value, 'image') ?? '';
        if (!ofIstio.has(imageName(image)) || !isPublic(image) || !image.includes('/')) continue;
        yield {
          resource,
          path: [...path, 'image'],
          message: `The image ${image} comes from a public registry, but the mesh uses ${own}.`,
          fix,
        };
      }
  },
});

function hubPaths(chart: string): readonly YamlPath[] {
  const values = ['spec', 'values'];
  return [...(chart === 'operator' ? [['spec', 'hub']] : [[...values, 'hub']]), [...values, 'global', 'hub']];
}

/** The registry that some release sets, or that the fleet file sets for every cluster here. */
function privateHub(inventory: Inventory): string | undefined {
  for (const { resource, chart } of istioReleases(inventory))
    for (const path of hubPaths(chart)) {
      const hub = stringAt(resource.value, ...path);
      if (hub !== undefined && !hasPlaceholder(hub) && !isPublic(hub)) return hub;
    }
  if (inventory.fleet === undefined) return undefined;
  const { fleet, environment } = inventory.fleet;
  const clusters = fleet.targets.flatMap((target) =>
    target.kind === 'cluster' && (environment === undefined || target.environment === environment)
      ? [target.spec]
      : [],
  );
  return clusters.length > 0 && clusters.every(({ isMirrored }) => isMirrored)
    ? clusters[0]?.imageRegistry
    : undefined;
}

function isPublic(hub: string): boolean {
  if (hasPlaceholder(hub)) return false;
  const [host = ''] = hub.split('/');
  const isHost = host.includes('.') || host.includes(':') || host === 'localhost';
  return !isHost || publicHosts.includes(host);
}
