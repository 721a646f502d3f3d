import type { ClusterSpec } from '../../src/model/fleet.ts';
import { escapeForFlux } from '../../src/k8s/substitution.ts';
import { clusterGenerator } from './shared.ts';

/** One Flux Kustomization of the chain. */
interface Link {
  readonly name: string;
  readonly why: string;
  readonly path: string;
  readonly dependsOn: readonly string[];
  readonly timeout: string;
  /** Whether what leaves Git leaves the cluster; only where nothing carries traffic, or each object says no. */
  readonly prune: boolean;
  /** Annotations of this cluster's own on the shared Ingress. */
  readonly patch?: {
    readonly namespace: string;
    readonly annotations: readonly { readonly name: string; readonly value: string }[];
  };
}

/** The order in which Flux installs the mesh. Each link waits until what it applied is healthy: a HelmRelease alone never
 *  holds a dependent Kustomization back.
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies */
export default clusterGenerator({
  id: 'mesh-kustomizations',
  part: 'cluster',
  why: () => 'the order in which Flux installs the mesh',
  owned: {
    file: 'mesh.yaml',
    template: 'cluster/mesh.yaml.hbs',
    role: { kind: 'resource' },
    view: (spec) => ({ source: spec.source, links: links(spec) }),
  },
});

function links(spec: ClusterSpec): readonly Link[] {
  const base = (part: string) => `./${spec.base}/base/${part}`;
  const own = (part: string) => `./${spec.base}/${spec.cluster}/${part}`;
  const chain: Link[] = [
    {
      name: 'mesh-controllers',
      why: "Istio's CRDs, and where its charts come from.",
      path: base('controllers'),
      dependsOn: [],
      timeout: '10m',
      prune: false,
    },
    {
      name: 'mesh-istiod',
      why: 'The control plane needs the CRDs.',
      path: base('istiod'),
      dependsOn: ['mesh-controllers'],
      timeout: '15m',
      prune: false,
    },
    {
      name: 'mesh-gateway',
      why: "istiod's injector completes the pods of the gateway.",
      path: base('gateway'),
      dependsOn: ['mesh-istiod'],
      timeout: '15m',
      prune: false,
    },
    {
      name: 'mesh-config',
      why: "Istio's webhook checks these objects, and cert-manager makes the gateway's certificate. Applications depend on this one.",
      path: own('config'),
      dependsOn: ['mesh-gateway', ...spec.prerequisites],
      timeout: '10m',
      prune: true,
    },
  ];
  const annotations = Object.entries(spec.loadBalancer?.annotations ?? {}).map(([name, value]) => ({
    name,
    value: escapeForFlux(value),
  }));
  if (spec.loadBalancer !== undefined)
    chain.push({
      name: 'mesh-ingress',
      why: 'The load balancer comes last: from then on requests arrive.',
      path: base('ingress'),
      dependsOn: ['mesh-config', ...spec.prerequisites],
      timeout: '10m',
      prune: false,
      ...(annotations.length > 0 && { patch: { namespace: spec.mesh.gateway.podNamespace, annotations } }),
    });
  if (spec.namespaces.some(({ isCentral }) => isCentral))
    chain.push({
      name: 'mesh-namespaces',
      why: 'Namespaces depend on nothing: a label must be set or removed even while the mesh is unhealthy.',
      path: own('namespaces'),
      dependsOn: [],
      timeout: '5m',
      prune: false,
    });
  return chain;
}
