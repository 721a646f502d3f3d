import { servicesOf } from '../../mesh/served-port.ts';
import { serviceReferences } from '../../mesh/service-references.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import type { Service } from '../../mesh/service.ts';
import type { Workload } from '../../mesh/workload.ts';
import { valueAt } from '../../model/json.ts';
import { calleeAt, entranceCollector, evidenceAt } from '../entrance.ts';
import { callerOf, podsAt, portsOf } from '../ways.ts';

/** Pods of one workload that call each other: those of a StatefulSet with several replicas, at the ports of its headless
 *  Service, or at all of its containers' where there is none; and of any workload that is told the name of its own Service
 *  while it has other pods.
 *  @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id */
export default entranceCollector({
  way: 'peer',
  *find(inventory) {
    for (const workload of inventory.workloads) {
      const { resource, namespace } = workload;
      if (resource.known !== 'StatefulSet' || !isSeveral(workload)) continue;
      const from = callerOf(workload, inventory);
      const path = ['spec', valueAt(resource.spec, 'serviceName') === undefined ? 'replicas' : 'serviceName'];
      const evidence = evidenceAt(resource, path, 'peer');
      const headless = servicesOf(workload, inventory).filter(({ isHeadless }) => isHeadless);
      for (const { name, number } of headless.flatMap(withPorts))
        yield { from, to: { kind: 'service', namespace, name, port: number }, evidence };
      if (headless.length > 0) continue;
      for (const { number } of workload.containers.flatMap(({ ports }) => ports))
        yield { from, to: podsAt(workload, number), evidence };
    }
    for (const reference of serviceReferences(inventory)) {
      if (reference.from === 'probe') continue;
      const { namespace, service, port, resource, path } = reference;
      const to = calleeAt(namespace, service, port, inventory);
      for (const workload of reference.readBy)
        if (to !== undefined && isOwn(workload, reference, inventory) && mayBePeers(workload, inventory))
          yield { from: callerOf(workload, inventory), to, evidence: evidenceAt(resource, path, 'peer') };
    }
  },
});

function withPorts(service: Service): readonly { readonly name: string; readonly number: number }[] {
  return portsOf(service).map(({ number }) => ({ name: service.name, number }));
}

/** Absent, there is one; what is still to be filled in may be any number. */
function isSeveral({ resource: { spec } }: Workload): boolean {
  const replicas = valueAt(spec, 'replicas') ?? 1;
  return typeof replicas !== 'number' || replicas > 1;
}

function mayBePeers(workload: Workload, inventory: Inventory): boolean {
  const isStable = ['StatefulSet', 'DaemonSet'].includes(workload.resource.kind);
  return (
    isStable || isSeveral(workload) || servicesOf(workload, inventory).some(({ isHeadless }) => isHeadless)
  );
}

function isOwn(
  workload: Workload,
  { namespace, service }: { readonly namespace: string; readonly service: string },
  inventory: Inventory,
): boolean {
  return (
    namespace === workload.namespace && servicesOf(workload, inventory).some(({ name }) => name === service)
  );
}
