import { isOfIstioItself } from '../../facts/mesh-use.ts';
import { objectAt, valueAt } from '../../../model/json.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { servedPorts } from '../../../mesh/served-port.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { containerPort, type Workload } from '../../../mesh/workload.ts';
import { rule } from '../../rule.ts';

/** Ports of the containers that injectors add. */
const injected: ReadonlySet<string> = new Set(['http-envoy-prom', 'mesh-metrics', 'status-port']);

export default rule({
  id: 'target-port-not-in-workload',
  severity: 'info',
  kinds: ['Service'],
  summary: 'a targetPort that no container of the selected pods declares',
  why: 'A port by name is looked up in the containers: when none has it, the Service has no endpoint for it, and callers get 503 (connection refused without a mesh), which is an error. A port by number works whether declared or not, so that is only an info, and a warning when no Service of these pods meets any declared port: then one of the two is mostly a slip. Where a probe goes to a port that is not declared either, the declarations are shown to be incomplete. Pods whose containers declare no port are left alone.',
  fix: 'Write the name or number of a port that a container declares.',
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
        const place = { resource: service.resource, path: [...path, 'targetPort'] };
        if (typeof targetPort === 'string') {
          if (hasPlaceholder(targetPort) || injected.has(targetPort) || /^\d+$/.test(targetPort)) continue;
          if (workloads.some((each) => containerPort(each, targetPort, transport) !== undefined)) continue;
          yield {
            ...place,
            severity: 'error',
            message: `No container of ${who} has a port named "${targetPort}", so the Service has no endpoints there.`,
          };
        } else if (areAllSaid && !numbers.has(targetPort) && transport === 'TCP')
          yield {
            ...place,
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
