import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  valueAt,
  type JsonValue,
  type YamlPath,
} from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { selects } from '../k8s/selector.ts';
import type { Inventory } from './inventory.ts';
import { servedPorts } from './served-port.ts';
import { containerPort, type Workload } from './workload.ts';

/** A port of pods that Prometheus asks for metrics, by the address of each pod. */
interface Scrape {
  /** What says so. */
  readonly resource: Resource;
  readonly at: YamlPath;
  readonly workload: Workload;
  /** Of the container. */
  readonly port: number;
  readonly path: string;
  /** Whether it is asked over TLS of its own settings. */
  readonly isTls: boolean;
}

/** What ServiceMonitors and PodMonitors select.
 *  @see https://prometheus-operator.dev/docs/api-reference/api/ */
export function monitoredPorts(inventory: Inventory): readonly Scrape[] {
  return inventory.once(computeMonitored);
}

function computeMonitored(inventory: Inventory): readonly Scrape[] {
  return [...ofServiceMonitors(inventory), ...ofPodMonitors(inventory)];
}

function* ofServiceMonitors(inventory: Inventory): Iterable<Scrape> {
  for (const resource of inventory.of('ServiceMonitor')) {
    const services = namespacesOf(resource, inventory)
      .flatMap((namespace) => inventory.servicesIn(namespace))
      .filter((service) => selects(objectAt(resource.spec, 'selector'), service.resource.labels));
    for (const [index, endpoint] of listAt(resource.spec, 'endpoints').entries()) {
      const wanted = stringAt(endpoint, 'port');
      for (const service of services) {
        const port =
          wanted === undefined
            ? valueAt(endpoint, 'targetPort')
            : service.ports.find(({ name }) => name === wanted)?.targetPort;
        for (const workload of inventory.workloadsOf(service))
          yield* scrapeOf(resource, ['spec', 'endpoints', index], endpoint, workload, port);
      }
    }
  }
}

function* ofPodMonitors(inventory: Inventory): Iterable<Scrape> {
  for (const resource of inventory.of('PodMonitor')) {
    const workloads = namespacesOf(resource, inventory)
      .flatMap((namespace) => inventory.workloadsIn(namespace))
      .filter(({ labels }) => selects(objectAt(resource.spec, 'selector'), labels));
    for (const [index, endpoint] of listAt(resource.spec, 'podMetricsEndpoints').entries()) {
      const port =
        valueAt(endpoint, 'port') ?? valueAt(endpoint, 'portNumber') ?? valueAt(endpoint, 'targetPort');
      for (const workload of workloads)
        yield* scrapeOf(resource, ['spec', 'podMetricsEndpoints', index], endpoint, workload, port);
    }
  }
}

function* scrapeOf(
  resource: Resource,
  at: YamlPath,
  endpoint: JsonValue,
  workload: Workload,
  port: JsonValue | undefined,
): Iterable<Scrape> {
  if (typeof port !== 'string' && typeof port !== 'number') return;
  const number = containerPort(workload, port);
  if (number === undefined) return;
  const isTls =
    isObject(valueAt(endpoint, 'tlsConfig')) || stringAt(endpoint, 'scheme')?.toLowerCase() === 'https';
  yield { resource, at, workload, port: number, path: stringAt(endpoint, 'path') ?? '/metrics', isTls };
}

function namespacesOf({ spec, namespace }: Resource, inventory: Inventory): readonly string[] {
  if (valueAt(spec, 'namespaceSelector', 'any') === true) return inventory.once(namespacesOfWorkloads);
  const named = stringsAt(spec, 'namespaceSelector', 'matchNames');
  return named.length > 0 ? named : [namespace];
}

function namespacesOfWorkloads(inventory: Inventory): readonly string[] {
  return [...new Set(inventory.workloads.map((each) => each.namespace))];
}

/** What annotations of Services, and of pods, ask to be scraped. Those of pods with a sidecar are merged: the sidecar answers
 *  on a port of its own, unless that is turned off.
 *  @see https://istio.io/latest/docs/ops/integrations/prometheus/#option-1-metrics-merging */
export function annotatedPorts(inventory: Inventory): readonly Scrape[] {
  return inventory.once(computeAnnotated);
}

function computeAnnotated(inventory: Inventory): readonly Scrape[] {
  const found: Scrape[] = [];
  for (const workload of inventory.workloads) {
    const { annotations, resource, templatePath } = workload;
    const isMerged =
      inventory.settings.enablePrometheusMerge &&
      annotations['prometheus.istio.io/merge-metrics'] !== 'false';
    if (isMerged || annotations['prometheus.io/scrape'] !== 'true') continue;
    found.push(
      ...annotated(resource, [...templatePath, 'metadata', 'annotations'], annotations, workload, undefined),
    );
  }
  for (const service of inventory.services) {
    const { resource } = service;
    if (resource.annotations['prometheus.io/scrape'] !== 'true') continue;
    for (const workload of inventory.workloadsOf(service)) {
      const served = servedPorts(workload, inventory).filter((each) => each.service === service);
      const numbers = served.map(({ number }) => number);
      found.push(
        ...annotated(resource, ['metadata', 'annotations'], resource.annotations, workload, numbers),
      );
    }
  }
  return found;
}

function annotated(
  resource: Resource,
  at: YamlPath,
  annotations: Readonly<Record<string, string>>,
  workload: Workload,
  served: readonly number[] | undefined,
): readonly Scrape[] {
  const said = annotations['prometheus.io/port'];
  const declared = served ?? workload.containers.flatMap(({ ports }) => ports.map(({ number }) => number));
  const ports = said !== undefined && /^\d{1,5}$/.test(said) ? [Number(said)] : declared;
  const path = annotations['prometheus.io/path'] ?? '/metrics';
  const isTls = annotations['prometheus.io/scheme'] === 'https';
  return ports.map((port) => ({
    resource,
    at: [...at, 'prometheus.io/scrape'],
    workload,
    port,
    path,
    isTls,
  }));
}
