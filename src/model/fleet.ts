import type { NamespaceName, RepoPath, RepositoryId, TargetId } from './named.ts';

/** How far a namespace is (field report 6): in the mesh and harmless, or with everything in force. */
export type Stage = 'outside' | 'joined' | 'enforced';

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

interface GitHubForgeSpec {
  readonly kind: 'github';
  /** REST root: `https://api.github.com`, or `https://HOST/api/v3` of a GitHub Enterprise Server. */
  readonly api: string;
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
};

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
  | { readonly kind: 'file'; readonly repository: RepositoryId; readonly path: RepoPath }
  /** Nobody owns it yet: the bundle brings `namespace.yaml`. */
  | { readonly kind: 'create' }
  /** Managed outside Git (Terraform, a controller): the label must be set there. */
  | { readonly kind: 'external' };

/** Everything wished for one namespace on one place: validated, defaults and placeholders filled, never partial. */
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
  readonly mesh: MeshSpec;
  readonly services: readonly ServiceSpec[];
  readonly callees: readonly CalleeSpec[];
  readonly external: readonly ExternalCallSpec[];
  /** Whether some pod talks to the Kubernetes API server. */
  readonly kubernetesApi: boolean;
  /** Paths anyone may GET, policies in force or not; empty: no such policy. */
  readonly healthCheckPaths: readonly string[];
  /** What to do with gateways an existing VirtualService is bound to already. */
  readonly previousGateways: 'keep' | 'drop';
  readonly namespaceManifest: NamespaceManifestSpec;
}

/** One pull request's worth: a namespace in an environment; several specs when each cluster has its own directory. */
export interface Target {
  readonly id: TargetId;
  readonly namespace: NamespaceName;
  readonly environment: string;
  readonly stage: Stage;
  readonly repository: RepositoryId;
  readonly specs: readonly NamespaceSpec[];
}

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

/** Everything declared in one fleet file, resolved. Targets come namespace by namespace, in promotion order. */
export interface Fleet {
  readonly mesh: MeshSpec;
  readonly forge: ForgeSpec;
  readonly environments: readonly { readonly name: string; readonly clusters: readonly string[] }[];
  readonly targets: readonly Target[];
  /** Templates of the user's own, over the built-in ones. */
  readonly templates: TemplatesSpec | undefined;
}
