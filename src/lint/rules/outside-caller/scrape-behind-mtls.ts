import type { Inventory } from '../../../mesh/inventory.ts';
import { refusalAt } from '../../../mesh/plaintext.ts';
import { selects } from '../../../k8s/selector.ts';
import { containerPort, type Workload } from '../../../mesh/workload.ts';
import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  valueAt,
  type JsonValue,
} from '../../../model/json.ts';
import { describeResource, type Resource } from '../../../model/resource.ts';
import { rule, type Finding } from '../../rule.ts';

export default rule({
  id: 'scrape-behind-mtls',
  severity: 'warning',
  kinds: ['ServiceMonitor', 'PodMonitor'],
  summary: 'a ServiceMonitor or PodMonitor for a port whose sidecar rejects Prometheus',
  why: 'Prometheus scrapes each pod by its IP address in plaintext: STRICT resets the connection, and an ALLOW policy by identity denies it with a 403. The target goes down and its metrics stop, although the application works. Monitors with their own TLS configuration are assumed to have certificates.',
  fix: 'Let Istio merge the metrics (`prometheus.io/scrape` annotations, port 15020), or open the metrics port with `portLevelMtls` and a rule for its path.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/ops/integrations/prometheus/'],
  *check(inventory) {
    for (const resource of inventory.of('ServiceMonitor'))
      for (const [index, endpoint] of listAt(resource.spec, 'endpoints').entries())
        yield* check(
          resource,
          ['endpoints', index],
          endpoint,
          servicePods(resource, endpoint, inventory),
          inventory,
        );
    for (const resource of inventory.of('PodMonitor'))
      for (const [index, endpoint] of listAt(resource.spec, 'podMetricsEndpoints').entries())
        yield* check(
          resource,
          ['podMetricsEndpoints', index],
          endpoint,
          pods(resource, endpoint, inventory),
          inventory,
        );
  },
});

interface ScrapedPort {
  readonly workload: Workload;
  readonly port: number;
}

function* check(
  resource: Resource,
  below: readonly (string | number)[],
  endpoint: JsonValue,
  targets: readonly ScrapedPort[],
  inventory: Inventory,
): Iterable<Finding> {
  if (isObject(valueAt(endpoint, 'tlsConfig')) || stringAt(endpoint, 'scheme')?.toLowerCase() === 'https')
    return;
  const path = stringAt(endpoint, 'path') ?? '/metrics';
  for (const { workload, port } of targets) {
    const refusal = refusalAt([workload], () => port, inventory, path);
    if (refusal === undefined) continue;
    yield {
      resource,
      path: ['spec', ...below],
      message: `Prometheus scrapes port ${String(port)} of ${workload.name} in plaintext, but ${describeResource(refusal.by)} makes its sidecars reject that.`,
    };
    return;
  }
}

function servicePods(resource: Resource, endpoint: JsonValue, inventory: Inventory): readonly ScrapedPort[] {
  const wanted = stringAt(endpoint, 'port');
  const target = valueAt(endpoint, 'targetPort');
  return namespacesOf(resource, inventory).flatMap((namespace) =>
    inventory.servicesIn(namespace).flatMap((service) => {
      if (!selects(objectAt(resource.spec, 'selector'), service.resource.labels)) return [];
      const port =
        wanted === undefined ? target : service.ports.find(({ name }) => name === wanted)?.targetPort;
      return port === undefined ? [] : inventory.workloadsOf(service).flatMap((each) => targetOf(each, port));
    }),
  );
}

function pods(resource: Resource, endpoint: JsonValue, inventory: Inventory): readonly ScrapedPort[] {
  const port =
    valueAt(endpoint, 'port') ?? valueAt(endpoint, 'portNumber') ?? valueAt(endpoint, 'targetPort');
  return namespacesOf(resource, inventory).flatMap((namespace) =>
    inventory
      .workloadsIn(namespace)
      .filter(({ labels }) => selects(objectAt(resource.spec, 'selector'), labels))
      .flatMap((each) => targetOf(each, port)),
  );
}

function targetOf(workload: Workload, port: JsonValue | undefined): readonly ScrapedPort[] {
  if (typeof port !== 'string' && typeof port !== 'number') return [];
  const number = containerPort(workload, port);
  return number === undefined ? [] : [{ workload, port: number }];
}

function namespacesOf({ spec, namespace }: Resource, inventory: Inventory): readonly string[] {
  const { any } = objectAt(spec, 'namespaceSelector');
  if (any === true) return inventory.once(namespacesOfWorkloads);
  const named = stringsAt(spec, 'namespaceSelector', 'matchNames');
  return named.length > 0 ? named : [namespace];
}

function namespacesOfWorkloads(inventory: Inventory) {
  return [...new Set(inventory.workloads.map((each) => each.namespace))];
}
