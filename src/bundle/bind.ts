import type { CallerSpec, NamespaceSpec, PortSpec, ServiceSpec } from '../model/fleet.ts';
import type { BoundCaller, BoundService, BoundSpec } from '../model/generator.ts';
import { isObject, listAt, stringsAt, valueAt } from '../model/json.ts';
import type { KustomizeTree, Manifest } from '../model/manifest.ts';
import type { Problem } from '../model/problem.ts';
import { admissionsOf, isRoutedByGateway } from './admissions.ts';
import { podsBehind } from './service-pods.ts';
import { namedContainerPort, transportOf } from '../k8s/container-port.ts';
import { serviceHost } from '../k8s/host.ts';
import {
  endsByItself,
  podTemplateOf,
  podTemplatePath,
  serviceAccountOf,
  sidecarRefusal,
} from '../k8s/pod-template.ts';
import { hasLabels, labelsAt } from '../k8s/selector.ts';
import { ownerOf } from '../k8s/other-owners.ts';

/** The spec in the names that the repository finally builds: prefixes and suffixes applied, selectors, container ports and
 *  accounts read from the manifests. Generated Istio objects refer to these, since kustomize rewrites no Istio field. */
export function bindSpec(
  spec: NamespaceSpec & Pick<BoundSpec, 'filePrefix'>,
  tree: KustomizeTree,
): { readonly spec: BoundSpec; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const first = spec.services.map((service) => bindService(service, spec, tree, problems));
  const byName = new Map(spec.services.map((service, index) => [service.name, first[index]]));
  // What has no Service only calls others: nothing is generated for it.
  const services = first
    .filter(({ ports }) => ports.length > 0)
    .map((service): BoundService => ({
      ...service,
      callers: service.callers.map((caller) => bindCaller(caller, service, spec, byName)),
    }));
  const isRouted = services.some(({ hosts }) => hosts.length > 0) || isRoutedByGateway(spec, tree);
  const bound = { ...spec, services, admissions: admissionsOf(spec, tree), isRoutedByGateway: isRouted };
  return { spec: bound, problems };
}

function bindCaller(
  caller: CallerSpec,
  service: ServiceSpec,
  spec: NamespaceSpec,
  byName: ReadonlyMap<string, ServiceSpec | undefined>,
): BoundCaller {
  const own =
    caller.namespace === spec.namespace && caller.service !== undefined
      ? byName.get(caller.service)
      : undefined;
  const called = caller.ports.length === 0 ? service.ports.map(({ number }) => number) : caller.ports;
  const targets = called.map((number) => service.ports.find((port) => port.number === number)?.targetPort);
  const known = targets.filter((port) => port !== undefined);
  return {
    ...caller,
    serviceAccount: own?.serviceAccount ?? caller.serviceAccount,
    targetPorts:
      known.length > 0 && known.length === targets.length
        ? [...new Set(known)].sort((a, b) => a - b)
        : undefined,
  };
}

function bindService(
  service: ServiceSpec,
  spec: NamespaceSpec,
  tree: KustomizeTree,
  problems: Problem[],
): BoundService {
  const manifest = findService(tree, service.name);
  const name = manifest?.builtName ?? service.name;
  const owner = ownerOf(name, tree.manifests);
  const pods = podsBehind(name, manifest, service.selector, tree);
  const [selector] = pods;
  const bound: BoundService = {
    ...service,
    name,
    routes: owner?.owned.makesRoutes === true ? 'of a controller' : 'ours',
    selector,
    pods,
    host: serviceHost(name, spec.namespace),
    virtualServiceName: virtualServiceName(name, service, tree),
    callers: [],
  };
  if (service.ports.length === 0) {
    const own = tree.manifests.filter((each) => isOwnWorkload(each, service));
    if (own.length === 0 && tree.manifests.length > 0) problems.push(notFound(service, tree, 'workload'));
    return { ...bound, serviceAccount: boundAccount(service, own, tree, problems) };
  }
  if (manifest === undefined) {
    if (tree.manifests.length > 0 && owner === undefined) problems.push(notFound(service, tree));
    return {
      ...bound,
      callers: service.callers.map((caller) => ({ ...caller, targetPorts: undefined })),
    };
  }
  const workloads = tree.manifests.filter((workload) => isSelected(workload, selector));
  return {
    ...bound,
    routes: bound.routes === 'ours' ? routesTo(manifest, workloads) : bound.routes,
    serviceAccount: boundAccount(service, workloads, tree, problems),
    ports: service.ports.map((port) => bindPort(port, manifest, workloads, service, problems)),
    callers: service.callers.map((caller) => ({ ...caller, targetPorts: undefined })),
  };
}

/** Endpoints of a Service without a selector are set by hand, or by a controller: nobody knows that they have sidecars.
 *  @see https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors */
function routesTo(service: Manifest, workloads: readonly Manifest[]): BoundService['routes'] {
  if (Object.keys(labelsAt(service.built, 'spec', 'selector')).length === 0)
    return 'to endpoints set by hand';
  const refuses = workloads.some(
    (workload) => sidecarRefusal(podTemplateOf(workload, workload.built) ?? {}) !== undefined,
  );
  return refuses ? 'to pods without a sidecar' : 'ours';
}

function findService(tree: KustomizeTree, name: string): Manifest | undefined {
  const services = tree.manifests.filter(({ kind, group }) => kind === 'Service' && group === '');
  return services.find(({ builtName }) => builtName === name) ?? services.find((each) => each.name === name);
}

function virtualServiceName(name: string, service: ServiceSpec, tree: KustomizeTree): string {
  const taken = tree.manifests.some(
    (manifest) =>
      manifest.kind === 'VirtualService' &&
      manifest.builtName === name &&
      !stringsAt(manifest.built, 'spec', 'hosts').some((host) => service.hosts.includes(host)),
  );
  return taken ? `${name}-ingress` : name;
}

function isSelected(workload: Manifest, selector: Readonly<Record<string, string>> | undefined): boolean {
  const template = podTemplateOf(workload, workload.built);
  if (template === undefined || selector === undefined || endsByItself(workload)) return false;
  return hasLabels(labelsAt(template, 'metadata', 'labels'), selector);
}

/** The workload that a service without ports means: it has its name, or the labels that are declared. */
function isOwnWorkload(workload: Manifest, { name, selector }: ServiceSpec): boolean {
  const template = podTemplateOf(workload, workload.built);
  if (template === undefined) return false;
  if (selector === undefined) return workload.name === name || workload.builtName === name;
  return hasLabels(labelsAt(template, 'metadata', 'labels'), selector);
}

function boundAccount(
  service: ServiceSpec,
  workloads: readonly Manifest[],
  tree: KustomizeTree,
  problems: Problem[],
): string {
  const declared = service.serviceAccount;
  const renamed = tree.manifests.find(
    ({ kind, name }) => kind === 'ServiceAccount' && name === declared,
  )?.builtName;
  for (const workload of workloads) {
    const path = [...(podTemplatePath(workload) ?? []), 'spec', 'serviceAccountName'];
    const account = serviceAccountOf(podTemplateOf(workload, workload.built)?.spec);
    if (account === declared || account === renamed) continue;
    problems.push({
      rule: 'bundle-service-account-differs',
      severity: 'error',
      message: `The fleet says that "${service.name}" runs as "${declared}", but its pods run as "${account}": policies would admit the wrong identity.`,
      fix: `Set serviceAccount: ${account} in fleet.yaml, or correct the workload.`,
      ...workload.locationOf(path),
      resource: { kind: workload.kind, name: workload.builtName },
    });
  }
  return renamed ?? declared;
}

function bindPort(
  port: PortSpec,
  manifest: Manifest,
  workloads: readonly Manifest[],
  service: ServiceSpec,
  problems: Problem[],
): PortSpec {
  const ports = listAt(manifest.built, 'spec', 'ports');
  const found = ports.find((each) => isObject(each) && each.port === port.number);
  if (found === undefined) {
    problems.push({
      rule: 'bundle-port-not-found',
      severity: 'error',
      message: `The fleet declares port ${String(port.number)} of "${service.name}", but its Service has ${ports.map((each) => JSON.stringify(valueAt(each, 'port') ?? null)).join(', ') || 'none'}.`,
      fix: 'Declare the port of the Service (not of the container).',
      ...manifest.locationOf(['spec', 'ports']),
      resource: { kind: 'Service', name: manifest.builtName },
    });
    return port;
  }
  if (port.targetPort !== undefined) return port;
  const target = valueAt(found, 'targetPort');
  if (typeof target === 'number') return { ...port, targetPort: target };
  if (typeof target === 'string')
    return { ...port, targetPort: namedPort(target, transportOf(found), workloads) };
  return { ...port, targetPort: port.number };
}

function namedPort(name: string, transport: string, workloads: readonly Manifest[]): number | undefined {
  for (const workload of workloads) {
    const number = namedContainerPort(podTemplateOf(workload, workload.built)?.spec, name, transport);
    if (number !== undefined) return number;
  }
  return undefined;
}

function notFound(service: ServiceSpec, tree: KustomizeTree, what = 'Service'): Problem {
  const inChart = tree.manifests.some(({ kind }) => kind === 'HelmRelease');
  return {
    rule: 'bundle-service-not-found',
    severity: inChart ? 'info' : 'warning',
    message: `No ${what} "${service.name}" was found in what ${tree.directory || 'the repository root'} builds${inChart ? ' (it may come from the chart)' : ''}. The labels and container ports of its pods are taken from fleet.yaml only.`,
    fix: inChart
      ? 'Declare selector and targetPort in fleet.yaml.'
      : 'Correct its name in fleet.yaml, or declare selector and targetPort there.',
    file: tree.kustomization?.file ?? tree.directory,
  };
}
