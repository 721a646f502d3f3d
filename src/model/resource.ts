import type { JsonObject, YamlPath } from './json.ts';

/** A stretch of a file; lines and columns from 1, the end just behind the last character. */
export interface TextRange {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Where the text of an object can be edited. */
export interface TextSource {
  readonly file: string;
  /** Index of its document in the file. */
  readonly document: number;
  /** Where the object starts inside the document. */
  readonly at: YamlPath;
}

/** The kinds that rules and simulator know, by the name a person uses, with their API group. */
const kindGroups = {
  AuthorizationPolicy: 'security.istio.io',
  DestinationRule: 'networking.istio.io',
  EnvoyFilter: 'networking.istio.io',
  Gateway: 'networking.istio.io',
  PeerAuthentication: 'security.istio.io',
  ProxyConfig: 'networking.istio.io',
  RequestAuthentication: 'security.istio.io',
  ServiceEntry: 'networking.istio.io',
  Sidecar: 'networking.istio.io',
  Telemetry: 'telemetry.istio.io',
  VirtualService: 'networking.istio.io',
  WasmPlugin: 'extensions.istio.io',
  WorkloadEntry: 'networking.istio.io',
  WorkloadGroup: 'networking.istio.io',
  IstioOperator: 'install.istio.io',
  KubernetesGateway: 'gateway.networking.k8s.io',
  HTTPRoute: 'gateway.networking.k8s.io',
  GRPCRoute: 'gateway.networking.k8s.io',
  TLSRoute: 'gateway.networking.k8s.io',
  TCPRoute: 'gateway.networking.k8s.io',
  GatewayClass: 'gateway.networking.k8s.io',
  AnalysisTemplate: 'argoproj.io',
  APIService: 'apiregistration.k8s.io',
  Canary: 'flagger.app',
  Certificate: 'cert-manager.io',
  ClusterAnalysisTemplate: 'argoproj.io',
  ClusterIssuer: 'cert-manager.io',
  ClusterRoleBinding: 'rbac.authorization.k8s.io',
  ConfigMap: '',
  CronJob: 'batch',
  CustomResourceDefinition: 'apiextensions.k8s.io',
  DaemonSet: 'apps',
  Deployment: 'apps',
  Endpoints: '',
  ExternalSecret: 'external-secrets.io',
  FluxKustomization: 'kustomize.toolkit.fluxcd.io',
  HelmRelease: 'helm.toolkit.fluxcd.io',
  Ingress: 'networking.k8s.io',
  IngressClass: 'networking.k8s.io',
  Issuer: 'cert-manager.io',
  Job: 'batch',
  KnativeService: 'serving.knative.dev',
  MutatingWebhookConfiguration: 'admissionregistration.k8s.io',
  Namespace: '',
  NetworkPolicy: 'networking.k8s.io',
  Pod: '',
  PodMonitor: 'monitoring.coreos.com',
  ReplicaSet: 'apps',
  ReplicationController: '',
  RoleBinding: 'rbac.authorization.k8s.io',
  Rollout: 'argoproj.io',
  ScaledJob: 'keda.sh',
  ScaledObject: 'keda.sh',
  SealedSecret: 'bitnami.com',
  Secret: '',
  Service: '',
  ServiceAccount: '',
  ServiceMonitor: 'monitoring.coreos.com',
  StatefulSet: 'apps',
  TargetGroupBinding: 'elbv2.k8s.aws',
  ValidatingWebhookConfiguration: 'admissionregistration.k8s.io',
} as const;

export type KindName = keyof typeof kindGroups;

/** Kinds whose name in manifests is not the one used here, since two groups share it. */
const otherNames: ReadonlyMap<string, KindName> = new Map([
  ['gateway.networking.k8s.io/Gateway', 'KubernetesGateway'],
  ['kustomize.toolkit.fluxcd.io/Kustomization', 'FluxKustomization'],
  ['serving.knative.dev/Service', 'KnativeService'],
]);

/** @returns undefined for a kind that nothing here reads */
export function knownKind(group: string, kind: string): KindName | undefined {
  const other = otherNames.get(`${group}/${kind}`);
  if (other !== undefined) return other;
  return Object.hasOwn(kindGroups, kind) && kindGroups[kind as KindName] === group
    ? (kind as KindName)
    : undefined;
}

/** One Kubernetes object as it is built, and where each part of it is written. */
export interface Resource {
  readonly apiVersion: string;
  readonly group: string;
  /** As in the manifest. */
  readonly kind: string;
  /** undefined: a kind that nothing here reads. */
  readonly known: KindName | undefined;
  readonly name: string;
  /** `default` where nothing says, as kubectl has it. */
  readonly namespace: string;
  /** Whether the manifest, or a kustomization, says the namespace. */
  readonly hasNamespace: boolean;
  /** What is applied together with it: its folder, what one kustomization builds, or, of a folder that holds alternatives
   *  or what programs are tested with, its file. */
  readonly build: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly value: JsonObject;
  /** `spec`; empty when there is none. */
  readonly spec: JsonObject;
  /** The text that says what is at `path`: the value's, or its key's; the nearest ancestor's when it is not written. */
  rangeOf(path: YamlPath, which?: 'key' | 'value'): TextRange;
  /** Whether something that is not computed here (a kustomize replacement) writes what is at `path`: its value is unknown. */
  isUncomputed?(path: YamlPath): boolean;
  /** The text to edit for a change at `path`; undefined when patches or several builds have a say in it. */
  sourceOf(path: YamlPath): TextSource | undefined;
}

/** `Kind namespace/name`, as istioctl writes it. */
export function describeResource(resource: Resource): string {
  const { kind, namespace, name } = resource;
  return isClusterScoped(resource) ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

const clusterScoped: ReadonlySet<string> = new Set<KindName>([
  'APIService',
  'ClusterAnalysisTemplate',
  'ClusterIssuer',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'GatewayClass',
  'IngressClass',
  'MutatingWebhookConfiguration',
  'Namespace',
  'ValidatingWebhookConfiguration',
]);

export function isClusterScoped({ known }: Pick<Resource, 'known'>): boolean {
  return known !== undefined && clusterScoped.has(known);
}
