import type { MeshSpec, NamespaceSpec, NamespaceTarget, ServiceSpec, Stage } from '../../src/model/fleet.ts';
import type { NamespaceName, RepoPath, RepositoryId, TargetId } from '../../src/model/named.ts';

export const mesh: MeshSpec = {
  istioVersion: '1.30.3',
  revision: 'stable',
  rootNamespace: 'istio-system' as NamespaceName,
  trustDomain: 'cluster.local',
  gateway: {
    name: 'istio-shared-gateway',
    namespace: 'istio-system' as NamespaceName,
    podNamespace: 'istio-system' as NamespaceName,
    serviceAccount: 'istio-ingressgateway',
  },
  providers: [{ namespace: 'observability' as NamespaceName, service: 'opentelemetry-collector' }],
  dnsCapture: false,
};

/** A service `catalog` on port 8080 of an app called `catalog`, changed as asked. */
export function service(changes: Partial<ServiceSpec> = {}): ServiceSpec {
  const name = changes.name ?? 'catalog';
  return {
    name,
    serviceAccount: name,
    selector: undefined,
    ports: [{ number: 8080, protocol: 'http', targetPort: undefined }],
    hosts: [],
    gatewayPort: undefined,
    stickySession: undefined,
    callers: [],
    hasCalls: false,
    complete: { callers: undefined, calls: undefined },
    observed: undefined,
    ...changes,
  };
}

/** Namespace `shop` in `lab`, built from `deploy/overlays/lab`, changed as asked. */
export function spec(changes: Partial<NamespaceSpec> = {}): NamespaceSpec {
  const stage: Stage = changes.stage ?? 'joined';
  return {
    target: 'shop@lab' as TargetId,
    namespace: 'shop' as NamespaceName,
    environment: 'lab',
    cluster: undefined,
    stage,
    repository: 'acme/shop' as RepositoryId,
    directory: 'deploy/overlays/lab' as RepoPath,
    siblingDirectories: [],
    otherDirectories: [],
    sharedWith: [],
    mesh,
    services: [],
    callees: [],
    external: [],
    kubernetesApi: false,
    healthCheckPaths: [],
    complete: { callers: undefined, calls: undefined },
    accept: {},
    previousGateways: 'keep',
    namespaceManifest: { kind: 'search' },
    strictClusters: [],
    ...changes,
  };
}

export function target(...specs: readonly NamespaceSpec[]): NamespaceTarget {
  const [first] = specs;
  if (first === undefined) throw new Error('a target needs a spec');
  const { namespace, environment, stage, repository } = first;
  return { kind: 'namespace', id: first.target, namespace, environment, stage, repository, specs };
}
