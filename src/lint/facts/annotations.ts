import { objectAt, type JsonObject, type YamlPath } from '../../model/json.ts';
import type { KindName, Resource } from '../../model/resource.ts';
import type { Inventory } from '../../mesh/inventory.ts';

/** Istio's annotations by the kinds they belong on, as istio.io/api 1.31.4 lists them.
 *  @see https://istio.io/latest/docs/reference/config/annotations/ */
const byKinds: Readonly<Record<string, readonly string[]>> = {
  Pod: [
    'ambient.istio.io/bypass-inbound-capture',
    'ambient.istio.io/dns-capture',
    'ambient.istio.io/redirection',
    'inject.istio.io/templates',
    'istio.io/reroute-virtual-interfaces',
    'istio.io/rev',
    'prometheus.istio.io/merge-metrics',
    // These two are read by the injector and the agent of 1.32, and not in the list yet.
    'prometheus.istio.io/scrape-targets',
    'prometheus.istio.io/secure-port',
    'proxy.istio.io/config',
    'proxy.istio.io/overrides',
    'readiness.status.sidecar.istio.io/applicationPorts',
    'readiness.status.sidecar.istio.io/failureThreshold',
    'readiness.status.sidecar.istio.io/initialDelaySeconds',
    'readiness.status.sidecar.istio.io/periodSeconds',
    'sidecar.istio.io/agentLogLevel',
    'sidecar.istio.io/bootstrapOverride',
    'sidecar.istio.io/componentLogLevel',
    'sidecar.istio.io/discoveryAddress',
    'sidecar.istio.io/extraStatTags',
    'sidecar.istio.io/inject',
    'sidecar.istio.io/interceptionMode',
    'sidecar.istio.io/logLevel',
    'sidecar.istio.io/nativeSidecar',
    'sidecar.istio.io/proxyCPU',
    'sidecar.istio.io/proxyCPULimit',
    'sidecar.istio.io/proxyImage',
    'sidecar.istio.io/proxyImageType',
    'sidecar.istio.io/proxyMemory',
    'sidecar.istio.io/proxyMemoryLimit',
    'sidecar.istio.io/rewriteAppHTTPProbers',
    'sidecar.istio.io/statsCompression',
    'sidecar.istio.io/statsEvictionInterval',
    'sidecar.istio.io/statsFlushInterval',
    'sidecar.istio.io/statsHistogramBins',
    'sidecar.istio.io/statsHistogramBuckets',
    'sidecar.istio.io/statsInclusionPrefixes',
    'sidecar.istio.io/statsInclusionRegexps',
    'sidecar.istio.io/statsInclusionSuffixes',
    'sidecar.istio.io/status',
    'sidecar.istio.io/userVolume',
    'sidecar.istio.io/userVolumeMount',
    'status.sidecar.istio.io/port',
    'traffic.sidecar.istio.io/excludeInboundPorts',
    'traffic.sidecar.istio.io/excludeInterfaces',
    'traffic.sidecar.istio.io/excludeOutboundIPRanges',
    'traffic.sidecar.istio.io/excludeOutboundPorts',
    'traffic.sidecar.istio.io/includeInboundPorts',
    'traffic.sidecar.istio.io/includeOutboundIPRanges',
    'traffic.sidecar.istio.io/includeOutboundPorts',
    'traffic.sidecar.istio.io/kubevirtInterfaces',
  ],
  Service: [
    'alpha.istio.io/canonical-serviceaccounts',
    'alpha.istio.io/kubernetes-serviceaccounts',
    'networking.istio.io/exportTo',
    'traffic.istio.io/nodeSelector',
  ],
  Ingress: ['kubernetes.io/ingress.class'],
  Any: ['galley.istio.io/analyze-suppress', 'gateway.istio.io/controller-version'],
  AuthorizationPolicy: ['istio.io/dry-run'],
  WorkloadEntry: [
    'istio.io/autoRegistrationGroup',
    'istio.io/connectedAt',
    'istio.io/disconnectedAt',
    'istio.io/workloadController',
  ],
  Namespace: ['topology.istio.io/controlPlaneClusters'],
  'GatewayClass,Gateway': ['ambient.istio.io/waypoint-inbound-binding'],
  Gateway: [
    'gateway.istio.io/name-override',
    'gateway.istio.io/service-account',
    'networking.istio.io/service-type',
  ],
  'Namespace,Service,ServiceEntry': ['networking.istio.io/traffic-distribution'],
  'Service,ServiceEntry,Namespace': ['istio.io/use-waypoint-canary-weight'],
};

/** Read by the injector or a controller, and in no list. */
const unlisted: ReadonlySet<string> = new Set([
  'gateway.istio.io/agentgatewayImage',
  'networking.istio.io/tunnel',
  'sidecar.istio.io/capNetBindService',
  'sidecar.istio.io/enableCoreDump',
]);

/** What Istio's own installers and controllers write. */
const ofTools = ['install.operator.istio.io', 'operator.istio.io', 'internal.istio.io', 'cni.istio.io'];

const deprecated: ReadonlySet<string> = new Set([
  'alpha.istio.io/canonical-serviceaccounts',
  'alpha.istio.io/kubernetes-serviceaccounts',
  'sidecar.istio.io/discoveryAddress',
  'sidecar.istio.io/extraStatTags',
  'sidecar.istio.io/inject',
  'sidecar.istio.io/statsCompression',
  'sidecar.istio.io/statsInclusionPrefixes',
  'sidecar.istio.io/statsInclusionRegexps',
  'sidecar.istio.io/statsInclusionSuffixes',
  'traffic.sidecar.istio.io/kubevirtInterfaces',
]);

/** Labels that are taken for annotations.
 *  @see https://istio.io/latest/docs/reference/config/labels/ */
const labels: ReadonlySet<string> = new Set([
  'gateway.istio.io/managed',
  'gateway.networking.k8s.io/gateway-class-name',
  'gateway.networking.k8s.io/gateway-name',
  'istio.io/dataplane-mode',
  'istio.io/ingress-use-waypoint',
  'istio.io/tag',
  'istio.io/use-waypoint',
  'istio.io/use-waypoint-canary',
  'istio.io/use-waypoint-canary-namespace',
  'istio.io/use-waypoint-namespace',
  'istio.io/waypoint-for',
  'networking.istio.io/enable-autoallocate-ip',
  'networking.istio.io/gatewayPort',
  'operator.istio.io/component',
  'operator.istio.io/managed',
  'operator.istio.io/version',
  'security.istio.io/tlsMode',
  'service.istio.io/canonical-name',
  'service.istio.io/canonical-revision',
  'service.istio.io/workload-name',
  'topology.istio.io/cluster',
  'topology.istio.io/locality',
  'topology.istio.io/network',
  'topology.istio.io/subzone',
  'istio-injection',
]);

export interface AnnotationFacts {
  /** `Any`, or names of kinds. */
  readonly kinds: readonly string[];
  readonly isDeprecated: boolean;
}

const facts: ReadonlyMap<string, AnnotationFacts> = new Map(
  Object.entries(byKinds).flatMap(([kinds, names]) =>
    names.map((name) => [name, { kinds: kinds.split(','), isDeprecated: deprecated.has(name) }] as const),
  ),
);

/** @returns undefined: Istio has no such annotation */
export function annotationFacts(name: string): AnnotationFacts | undefined {
  return facts.get(name);
}

/** Every annotation that Istio lists. */
export const annotationNames: readonly string[] = [...facts.keys()];

export function isIstioLabel(name: string): boolean {
  return labels.has(name);
}

/** Whether an annotation's name is in Istio's domain, so that nobody else may read it. */
export function isOfIstio(name: string): boolean {
  const domain = name.slice(0, Math.max(0, name.indexOf('/')));
  if (domain !== 'istio.io' && !domain.endsWith('.istio.io')) return false;
  return !unlisted.has(name) && !ofTools.includes(domain);
}

/** A map of annotations, and the kind of the object that it is on. */
export interface AnnotationMap {
  readonly resource: Resource;
  readonly kind: string;
  readonly path: YamlPath;
  readonly annotations: JsonObject;
}

const annotatedKinds: readonly KindName[] = [
  'AuthorizationPolicy',
  'Ingress',
  'Namespace',
  'Service',
  'ServiceEntry',
  'WorkloadEntry',
];

/** Where annotations of Istio's are written: on objects, on workloads, and on their pods. */
export function annotationMaps(inventory: Inventory): readonly AnnotationMap[] {
  return inventory.once(computeMaps);
}

function computeMaps(inventory: Inventory) {
  const maps = annotatedKinds.flatMap((kind) =>
    inventory.of(kind).map((resource) => mapOf(resource, kind, [])),
  );
  for (const { resource, templatePath } of inventory.workloads) {
    maps.push(mapOf(resource, 'Pod', templatePath));
    if (templatePath.length > 0) maps.push(mapOf(resource, resource.kind, []));
  }
  return maps.filter(({ annotations }) => Object.keys(annotations).length > 0);
}

function mapOf(resource: Resource, kind: string, above: YamlPath): AnnotationMap {
  const path = [...above, 'metadata', 'annotations'];
  const annotations = objectAt(resource.value, ...path);
  return { resource, kind, path, annotations };
}
