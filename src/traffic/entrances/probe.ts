import { parseGoBool } from '../../k8s/istio-boolean.ts';
import { isObject, objectAt, stringAt, valueAt, type JsonObject } from '../../model/json.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import { containerPort, type Workload } from '../../mesh/workload.ts';
import { serviceReferences } from '../../mesh/service-references.ts';
import { calleeAt, entranceCollector, evidenceAt } from '../entrance.ts';
import { podsAt } from '../ways.ts';

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'];
const hooks = ['postStart', 'preStop'];

/** What the kubelet asks the pods themselves: probes and hooks over HTTP and gRPC that the injector was told not to rewrite,
 *  and probes of another host, which it never rewrites.
 *  @see https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/ */
export default entranceCollector({
  way: 'probe',
  *find(inventory) {
    for (const reference of serviceReferences(inventory)) {
      const { namespace, service, port, resource, path, from } = reference;
      const to = from === 'probe' ? calleeAt(namespace, service, port, inventory) : undefined;
      if (to !== undefined)
        yield { from: { kind: 'outside' }, to, evidence: evidenceAt(resource, path, 'probe') };
    }
    for (const workload of inventory.workloads) {
      if (isRewritten(workload, inventory)) continue;
      for (const { path, value } of workload.containers)
        for (const at of [...probes.map((each) => [each]), ...hooks.map((each) => ['lifecycle', each])]) {
          const asked = askedBy(objectAt(value, ...at));
          const number = asked === undefined ? undefined : containerPort(workload, asked.port);
          if (asked === undefined || number === undefined) continue;
          yield {
            from: { kind: 'outside' },
            to: podsAt(workload, number),
            protocol: 'http',
            ...(asked.path !== undefined && { path: asked.path }),
            evidence: evidenceAt(workload.resource, [...path, ...at], 'probe'),
          };
        }
    }
  },
});

const annotation = 'sidecar.istio.io/rewriteAppHTTPProbers';

function isRewritten({ annotations }: Workload, inventory: Inventory): boolean {
  const said = parseGoBool(annotations[annotation] ?? '');
  return said ?? inventory.once(rewritesProbes);
}

/** Whether the injector rewrites probes where pods say nothing: unless its chart was told otherwise. */
function rewritesProbes(inventory: Inventory): boolean {
  const path = ['values', 'sidecarInjectorWebhook', 'rewriteAppHTTPProbe'];
  return [...inventory.of('HelmRelease'), ...inventory.of('IstioOperator')].every(
    ({ spec }) => valueAt(spec, ...path) !== false,
  );
}

interface Asked {
  readonly port: number | string;
  readonly path: string | undefined;
}

/** A TCP probe ends at the sidecar, which accepts any connection. */
function askedBy(probe: JsonObject): Asked | undefined {
  const { httpGet, grpc } = probe;
  if (isObject(httpGet)) {
    const { port } = httpGet;
    if (stringAt(httpGet, 'host') !== undefined) return undefined;
    if (typeof port !== 'number' && typeof port !== 'string') return undefined;
    return { port, path: (stringAt(httpGet, 'path') ?? '/').split('?', 1)[0] };
  }
  const port = isObject(grpc) ? grpc.port : undefined;
  return typeof port === 'number' ? { port, path: '/grpc.health.v1.Health/Check' } : undefined;
}
