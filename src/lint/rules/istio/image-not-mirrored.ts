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
  summary: 'an image of Istio from a public registry, in a mesh with one of its own',
  why: 'Where a proxy between the cluster and the internet opens TLS, nodes cannot pull from quay.io, docker.io, ghcr.io or Istio’s own registry (x509: unknown authority). Someone declared a private registry for the mesh, and this part does not use it: it works as long as the image is in a node’s cache, and stays in ImagePullBackOff on the next node.',
  fix: 'Set `global.hub` of the chart, or the image, to the private registry.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/setup/install/helm/',
    'https://istio.io/latest/docs/reference/config/istio.operator.v1alpha1/',
  ],
  *check(inventory) {
    const own = privateHub(inventory);
    if (own === undefined) return;
    const fix = `Take it from ${own}.`;
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
        message: `The images of ${resource.name === '' ? 'this release' : resource.name} come from ${found?.hub ?? 'the public registry of Istio'}, and the mesh has ${own}.`,
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
          message: `The image ${image} is of a public registry, and the mesh has ${own}.`,
          fix,
        };
      }
  },
});

function hubPaths(chart: string): readonly YamlPath[] {
  const values = ['spec', 'values'];
  return [...(chart === 'operator' ? [['spec', 'hub']] : [[...values, 'hub']]), [...values, 'global', 'hub']];
}

/** The registry that some release, or the fleet file for every cluster here, says. */
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
