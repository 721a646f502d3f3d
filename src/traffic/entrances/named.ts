import type { Inventory } from '../../mesh/inventory.ts';
import { servicesOf } from '../../mesh/served-port.ts';
import { isOfPlatform, serviceReferences, type ServiceReference } from '../../mesh/service-references.ts';
import type { Workload } from '../../mesh/workload.ts';
import type { Caller } from '../../model/traffic.ts';
import { calleeAt, entranceCollector, evidenceAt } from '../entrance.ts';

/** A Service named in environment variables, arguments and ConfigMaps of a workload, or by a probe of another host. Left out
 *  are the platform's own services, which every pod may call. */
export default entranceCollector({
  way: 'named',
  *find(inventory) {
    for (const reference of serviceReferences(inventory)) {
      const { namespace, service, port, resource, path, from } = reference;
      if (isOfPlatform(reference, inventory)) continue;
      const to = calleeAt(namespace, service, port, inventory);
      const evidence = evidenceAt(resource, path, 'named');
      if (to !== undefined && from === 'probe') yield { from: { kind: 'outside' }, to, evidence };
      if (to === undefined || from === 'probe') continue;
      for (const workload of reference.readBy)
        if (!isItself(workload, reference, inventory))
          yield { from: callerOf(workload, inventory), to, evidence };
    }
  },
});

/** The one Service in front of a workload's pods, as fleets name callers; else the workload. */
function callerOf(workload: Workload, inventory: Inventory): Caller {
  const [service, ...more] = servicesOf(workload, inventory);
  const name = service === undefined || more.length > 0 ? workload.name : service.name;
  return { kind: 'workload', namespace: workload.namespace, name };
}

function isItself(
  workload: Workload,
  { namespace, service }: ServiceReference,
  inventory: Inventory,
): boolean {
  return (
    namespace === workload.namespace &&
    (service === workload.name || servicesOf(workload, inventory).some(({ name }) => name === service))
  );
}
