import { isOfIstioItself } from '../../facts/mesh-use.ts';
import { objectAt, valueAt } from '../../../model/json.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { servedPorts } from '../../../mesh/served-port.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { containerPort, type Workload } from '../../../mesh/workload.ts';
import { rule } from '../../rule.ts';

/** Ports of containers that injectors add. */
const injected: ReadonlySet<string> = new Set(['http-envoy-prom', 'mesh-metrics', 'status-port']);

export default rule({
  id: 'target-port-not-in-workload',
  severity: 'info',
  kinds: ['Service'],
  summary: 'a targetPort that no container of the selected pods declares',
  why: 'Kubernetes looks up a named port in the containers: if none declares it, the Service has no endpoint for it, and callers get a 503 (without a mesh, connection refused), which is an error. A numeric port works even if it is not declared, so the severity is info. It is warning if no Service of these pods uses any declared port, because one of the two is then probably a typo; but not if a probe uses an undeclared port as well, which shows that the declarations are incomplete. Pods with a container that declares no ports are checked for named ports only.',
  fix: 'Use the name or number of a port that a container declares.',
  equivalent: ['KIA0701'],
  see: [
    'https://kubernetes.io/docs/concepts/services-networking/service/',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const service of inventory.services) {
      const workloads = inventory.workloadsOf(service);
      if (workloads.length === 0 || workloads.some(isOfIstioItself)) continue;
      const declared = workloads.flatMap(({ containers }) => containers.flatMap(({ ports }) => ports));
      const numbers = new Set(declared.map(({ number }) => number));
      const areAllSaid = workloads.every(({ containers }) =>
        containers.every(({ isInit, ports }) => isInit || ports.length > 0),
      );
      const isLikely = () =>
        !workloads.some((each) => meetsAny(each, numbers, inventory) || isProbedElsewhere(each, numbers));
      const who = workloads
        .slice(0, 3)
        .map(({ resource, name }) => `${resource.kind} ${name}`)
        .join(', ');
      for (const { path, targetPort, transport } of service.ports) {
        const location = { resource: service.resource, path: [...path, 'targetPort'] };
        if (typeof targetPort === 'string') {
          if (hasPlaceholder(targetPort) || injected.has(targetPort) || /^\d+$/.test(targetPort)) continue;
          if (workloads.some((each) => containerPort(each, targetPort, transport) !== undefined)) continue;
          yield {
            ...location,
            severity: 'error',
            message: `No container of ${who} has a port named "${targetPort}", so the Service has no endpoints for it.`,
          };
        } else if (areAllSaid && !numbers.has(targetPort) && transport === 'TCP')
          yield {
            ...location,
            ...(isLikely() && { severity: 'warning' as const }),
            message: `No container of ${who} declares port ${String(targetPort)}, only ${[...numbers].join(', ')}.`,
          };
      }
    }
  },
});

/** Whether some Service leads to a port that is declared. */
function meetsAny(workload: Workload, declared: ReadonlySet<number>, inventory: Inventory): boolean {
  return [...inventory.once(numbersServed, workload)].some((number) => declared.has(number));
}

function numbersServed(workload: Workload, inventory: Inventory): ReadonlySet<number> {
  return new Set(servedPorts(workload, inventory).map(({ number }) => number));
}

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'];

/** Whether a probe goes to a number that no container declares. */
function isProbedElsewhere({ containers }: Workload, declared: ReadonlySet<number>): boolean {
  return containers.some(({ value }) =>
    probes.some((probe) =>
      ['httpGet', 'tcpSocket', 'grpc'].some((how) => {
        const port = valueAt(objectAt(value, probe), how, 'port');
        return typeof port === 'number' && !declared.has(port);
      }),
    ),
  );
}
