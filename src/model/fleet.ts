import type { LintConfig } from './lint.ts';
import type { Observer } from './traffic.ts';
import type { Gates } from './waves.ts';
import type { NamespaceName, RepoPath, RepositoryId, TargetId } from './named.ts';

/** How far a namespace is (field report 6): in the mesh and harmless, or with everything in force. */
export type Stage = 'outside' | 'joined' | 'enforced';

/** How far a cluster is: plaintext still accepted, or refused by every sidecar. */
export type ClusterStage = 'permissive' | 'strict';

/** @see https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/ */
export type PortProtocol =
  'http' | 'http2' | 'grpc' | 'grpc-web' | 'https' | 'tls' | 'tcp' | 'mongo' | 'mysql' | 'redis';

/** What is true of the whole mesh, defaults filled in. */
export interface MeshSpec {
  /** The exact Istio version of the charts: `1.30.3`. */
  readonly istioVersion: string;
  /** Value of the label `istio.io/rev`: a revision tag or a revision. */
  readonly revision: string;
  readonly rootNamespace: NamespaceName;
  /** `cluster.local` unless meshConfig.trustDomain says otherwise. */
  readonly trustDomain: string;
  readonly gateway: {
    readonly name: string;
    readonly namespace: NamespaceName;
    /** Namespace the gateway's pods run in: the second part of their principal. */
    readonly podNamespace: NamespaceName;
    /** Depends on how the gateway was installed (reference: FIELD-REPORT 6), so it is declared, never assumed. */
    readonly serviceAccount: string;
  };
  /** Services the proxies themselves call: tracing, external authorization, rate limiting. */
  readonly providers: readonly { readonly namespace: NamespaceName; readonly service: string }[];
  /** Whether proxies resolve DNS and allocate addresses for TCP ServiceEntries (meshConfig DNS capture). */
  readonly dnsCapture: boolean;
}

/** What only the clusters' own bundles need of the mesh: how its control plane is installed and looks outwards. */
export interface ControlPlaneSpec {
  /** `revision` of the istiod chart; `mesh.revision` is a tag on it when it differs. */
  readonly revision: string;
  /** Helm release of the gateway chart: also the name of its Service and Deployment. */
  readonly gatewayRelease: string;
  /** Which hosts VirtualServices may claim on the shared Gateway: any, or those of the migrated namespaces only. */
  readonly gatewayHosts: 'any' | 'namespaces';
  /** Where proxies send spans; undefined: no tracing. */
  readonly tracing: TracingSpec | undefined;
}

interface TracingSpec {
  readonly service: string;
  readonly namespace: NamespaceName;
  readonly port: number;
  /** Percentage of requests, 0 to 100. */
  readonly sampling: number;
  /** Further tags with a fixed value. */
  readonly tags: Readonly<Record<string, string>>;
}

interface GitHubForgeSpec {
  readonly kind: 'github';
  /** REST root: `https://api.github.com`, or `https://HOST/api/v3` of a GitHub Enterprise Server; undefined: that of the host
   *  the operator works with. Whether a token may go there, the operator says. */
  readonly api: string | undefined;
}

interface LocalForgeSpec {
  readonly kind: 'local';
  /** Folder of the bare repositories, as written in the fleet file (relative to it). */
  readonly directory: string;
}

/** Where repositories and pull requests live, and what every pull request carries. */
export type ForgeSpec = (GitHubForgeSpec | LocalForgeSpec) & {
  /** First part of every branch name: `meshwright`. */
  readonly branchPrefix: string;
  /** Branch that pull requests go to; undefined: the repository's default branch. */
  readonly baseBranch: string | undefined;
  readonly labels: readonly string[];
  /** Logins; a name with a `/` is a team (`acme/platform`). */
  readonly reviewers: readonly string[];
  readonly draft: boolean;
  readonly limits: ForgeLimits;
};

/** How fast a forge may be asked. */
export interface ForgeLimits {
  /** Requests, or repositories, at a time. */
  readonly concurrency: number;
  readonly secondsBetweenWrites: number;
  /** Pull requests, comments and requests for review made in any minute, and in any hour. */
  readonly creationsPerMinute: number;
  readonly creationsPerHour: number;
  /** GitHub counts a read as one point and a write as five. */
  readonly pointsPerMinute: number;
  /** A longer wait for a limit ends the run. */
  readonly patienceSeconds: number;
}

export interface PortSpec {
  /** Service port. */
  readonly number: number;
  readonly protocol: PortProtocol;
  /** Container port; what AuthorizationPolicy `ports` compares. undefined: not known, do not restrict by port. */
  readonly targetPort: number | undefined;
}

/** Session affinity by cookie, as DestinationRule consistentHash.httpCookie has it. */
interface StickySessionSpec {
  readonly cookie: string;
  readonly path: string;
  /** Protobuf duration: `0s` is a session cookie. */
  readonly ttl: string;
}

/** Someone who calls a service: what the service's policies must let through. */
export interface CallerSpec {
  readonly namespace: NamespaceName;
  /** undefined: any workload of that namespace (declared by `allowFrom` without a service account). */
  readonly serviceAccount: string | undefined;
  /** The service that makes the call, for comments; undefined when the caller is not of this fleet. */
  readonly service: string | undefined;
  /** Service ports called; empty: every port. */
  readonly ports: readonly number[];
  /** Stage of the caller's namespace in this environment; undefined: not of this fleet. */
  readonly stage: Stage | undefined;
}

/** Why what is declared of someone is all there is; undefined: nobody says so. */
interface Completeness {
  readonly callers: string | undefined;
  readonly calls: string | undefined;
}

/** Traffic of a service that some tool recorded, all of it declared. */
export interface ObservedTraffic {
  readonly source: Observer;
  /** ISO 8601. */
  readonly from: string;
  readonly until: string;
  /** Requests and connections. */
  readonly received: number;
  readonly sent: number;
}

export interface ServiceSpec {
  readonly name: string;
  /** Account its pods run as. */
  readonly serviceAccount: string;
  /** Pod labels that select its workload; undefined: read from the repository's Service. */
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly ports: readonly PortSpec[];
  /** External host names routed to it by the shared gateway. */
  readonly hosts: readonly string[];
  /** The port the gateway routes to; defined when `hosts` is not empty. */
  readonly gatewayPort: number | undefined;
  readonly stickySession: StickySessionSpec | undefined;
  readonly callers: readonly CallerSpec[];
  /** Whether the fleet declares any call that it makes. */
  readonly hasCalls: boolean;
  /** Of the service, or of its whole namespace. */
  readonly complete: Completeness;
  readonly observed: ObservedTraffic | undefined;
}

/** A service of another namespace that this one calls. */
export interface CalleeSpec {
  readonly namespace: NamespaceName;
  readonly service: string;
}

/** A host outside the cluster that this namespace calls. */
export interface ExternalCallSpec {
  /** DNS name, may start with `*.` */
  readonly host: string;
  readonly ports: readonly { readonly number: number; readonly protocol: PortProtocol }[];
  /** CIDRs or addresses; needed for TCP unless the mesh captures DNS. */
  readonly addresses: readonly string[];
}

/** Where the one Namespace manifest lives. `search`: somewhere in the target's kustomize tree. */
export type NamespaceManifestSpec =
  | { readonly kind: 'search' }
  /** The bundles of the clusters bring it. */
  | { readonly kind: 'cluster' }
  | { readonly kind: 'file'; readonly repository: RepositoryId; readonly path: RepoPath }
  /** Nobody owns it yet: the bundle brings `namespace.yaml`. */
  | { readonly kind: 'create' }
  /** Managed outside Git (Terraform, a controller): the label must be set there. */
  | { readonly kind: 'external' };

/** Everything desired for one namespace on one place: validated, defaults and placeholders filled, never partial. */
export interface NamespaceSpec {
  readonly target: TargetId;
  readonly namespace: NamespaceName;
  readonly environment: string;
  /** Set when the directory differs per cluster. */
  readonly cluster: string | undefined;
  readonly stage: Stage;
  readonly repository: RepositoryId;
  /** The directory Flux builds. */
  readonly directory: RepoPath;
  /** Directories of this namespace's other environments in the same repository: what they share must not change. */
  readonly siblingDirectories: readonly RepoPath[];
  /** What else of this repository builds pods of the namespace: they are restarted there, and their Services are known. */
  readonly otherDirectories: readonly OtherDirectory[];
  /** Targets of other environments, or clusters that are planned apart, that are built from this very directory. */
  readonly sharedWith: readonly TargetId[];
  readonly mesh: MeshSpec;
  readonly services: readonly ServiceSpec[];
  readonly callees: readonly CalleeSpec[];
  readonly external: readonly ExternalCallSpec[];
  /** Whether some pod talks to the Kubernetes API server. */
  readonly kubernetesApi: boolean;
  /** Paths anyone may GET, policies in force or not; empty: no such policy. */
  readonly healthCheckPaths: readonly string[];
  /** Of all services and workloads of the namespace. */
  readonly complete: Completeness;
  /** Decisions of people in the manifests that are overruled on purpose: the problem's rule, and why. */
  readonly accept: Readonly<Record<string, string | undefined>>;
  /** What to do with gateways an existing VirtualService is bound to already. */
  readonly previousGateways: 'keep' | 'drop';
  readonly namespaceManifest: NamespaceManifestSpec;
  /** Clusters of the environment that refuse plaintext: below `enforced` the namespace needs an exception there. */
  readonly strictClusters: readonly string[];
}

/** A further directory that a namespace is built from. */
export interface OtherDirectory {
  readonly directory: RepoPath;
  readonly siblingDirectories: readonly RepoPath[];
  /** Other targets of the fleet that are built from it too. */
  readonly sharedWith: readonly TargetId[];
}

/** Every directory that a namespace is built from in its repository, that of the mesh's files first. */
export function directoriesOf({
  directory,
  otherDirectories,
}: Pick<NamespaceSpec, 'directory' | 'otherDirectories'>): readonly RepoPath[] {
  return [directory, ...otherDirectories.map((other) => other.directory)];
}

/** A namespace in an environment; several specs when each cluster has its own directory. */
export interface NamespaceTarget {
  readonly kind: 'namespace';
  readonly id: TargetId;
  readonly namespace: NamespaceName;
  readonly environment: string;
  readonly stage: Stage;
  readonly repository: RepositoryId;
  readonly specs: readonly NamespaceSpec[];
}

/** An Application Load Balancer before the shared gateway. */
interface LoadBalancerSpec {
  readonly scheme: 'internal' | 'internet-facing';
  /** ACM certificates, the first is the default one. */
  readonly certificates: readonly string[];
  /** Attributes of the load balancer and further annotations, by their whole key. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** A namespace that STRICT does not wait for. */
export interface ExemptionSpec {
  readonly namespace: NamespaceName;
  readonly reason: string;
  /** Last day it holds, `2026-12-31`. */
  readonly until: string;
}

/** A namespace of the fleet as its cluster sees it. */
export interface ClusterNamespaceSpec {
  readonly namespace: NamespaceName;
  readonly stage: Stage;
  readonly hasHosts: boolean;
  /** Whether the cluster's bundle brings its Namespace manifest. */
  readonly isCentral: boolean;
  /** What Flux builds for it on this cluster. */
  readonly repository: RepositoryId;
  readonly directory: RepoPath;
}

/** Everything desired for one cluster: validated, defaults and placeholders filled, never partial. */
export interface ClusterSpec {
  readonly target: TargetId;
  readonly cluster: string;
  readonly environment: string;
  readonly stage: ClusterStage;
  readonly repository: RepositoryId;
  /** What Flux's root Kustomization builds: `clusters/lab-eu-1`. */
  readonly directory: RepoPath;
  /** What the clusters of the repository share lies in `<base>/base`, the rest in `<base>/<cluster>`. */
  readonly base: RepoPath;
  readonly domain: string;
  readonly mesh: MeshSpec;
  readonly controlPlane: ControlPlaneSpec;
  readonly istioVersion: string;
  /** Tag of the images: the version, perhaps with a variant such as `-distroless`. */
  readonly imageTag: string;
  /** Registry and path the images come from. */
  readonly imageRegistry: string;
  /** Whether the registry is one of the user's own, which images must be copied to. */
  readonly isMirrored: boolean;
  /** `oci://…`, or `https://…` of a Helm repository. */
  readonly charts: string;
  /** Whether `charts` was declared, so that the charts must be copied there. */
  readonly hasOwnCharts: boolean;
  readonly loadBalancer: LoadBalancerSpec | undefined;
  readonly isVpcShared: boolean;
  /** Flux Kustomizations of the cluster that must be ready before the mesh's configuration: cert-manager, the AWS Load
   *  Balancer Controller. */
  readonly prerequisites: readonly string[];
  readonly source: { readonly kind: 'GitRepository' | 'OCIRepository'; readonly name: string };
  /** Variables of the user's own, for what people add to the base. */
  readonly variables: Readonly<Record<string, string>>;
  readonly exemptions: readonly ExemptionSpec[];
  readonly namespaces: readonly ClusterNamespaceSpec[];
}

/** A cluster: the mesh's own half of what Flux applies there. */
export interface ClusterTarget {
  readonly kind: 'cluster';
  readonly id: TargetId;
  readonly cluster: string;
  readonly environment: string;
  readonly stage: ClusterStage;
  readonly repository: RepositoryId;
  readonly spec: ClusterSpec;
}

/** One pull request's worth. */
export type Target = NamespaceTarget | ClusterTarget;

export type TemplatesSpec =
  /** A folder, relative to the fleet file. */
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 'repository';
      readonly repository: RepositoryId;
      /** A tag or a branch. */
      readonly ref: string;
      readonly path: RepoPath;
    };

/** A cluster as the fleet knows it, whether or not its bundle is generated. */
export interface FleetCluster {
  readonly name: string;
  readonly stage: ClusterStage;
  readonly loadBalancerScheme: 'internal' | 'internet-facing' | undefined;
  readonly isVpcShared: boolean;
}

/** Everything declared in one fleet file, resolved. Targets come clusters first, then namespace by namespace, each in
 *  promotion order. */
export interface Fleet {
  readonly mesh: MeshSpec;
  readonly forge: ForgeSpec;
  readonly environments: readonly { readonly name: string; readonly clusters: readonly FleetCluster[] }[];
  readonly targets: readonly Target[];
  /** Waves that people chose, in order; namespaces in none of them come after. */
  readonly waves: readonly { readonly name: string; readonly namespaces: readonly NamespaceName[] }[];
  /** What must be true of a merged move before the next one. */
  readonly gates: Gates;
  /** Templates of the user's own, over the built-in ones. */
  readonly templates: TemplatesSpec | undefined;
  readonly lint: LintConfig;
}
