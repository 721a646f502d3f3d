import type { Inventory } from '../../mesh/inventory.ts';
import { servicesOf } from '../../mesh/served-port.ts';
import { isOfPlatform, serviceReferences, type ServiceReference } from '../../mesh/service-references.ts';
import type { Workload } from '../../mesh/workload.ts';
import { stringAt } from '../../model/json.ts';
import { calleeAt, entranceCollector, evidenceAt } from '../entrance.ts';
import { callerOf, namedCalls, textsIn } from '../ways.ts';

/** A Service named in environment variables, arguments and ConfigMaps of a workload, or in the values of a chart. Left out are
 *  the platform's own services, which every pod may call. */
export default entranceCollector({
  way: 'named',
  *find(inventory) {
    for (const reference of serviceReferences(inventory)) {
      const { namespace, service, port, resource, path, from } = reference;
      if (isOfPlatform(reference, inventory)) continue;
      const to = calleeAt(namespace, service, port, inventory);
      const evidence = evidenceAt(resource, path, 'named');
      if (to === undefined || from === 'probe') continue;
      for (const workload of reference.readBy)
        if (!isItself(workload, reference, inventory))
          yield {
            from: callerOf(workload, inventory),
            to,
            ...(isInit(reference) && { isFromInit: true }),
            evidence,
          };
    }
    for (const release of inventory.of('HelmRelease')) {
      const namespace = stringAt(release.spec, 'targetNamespace') ?? release.namespace;
      const from = { kind: 'account' as const, namespace, serviceAccount: undefined };
      for (const each of textsIn(release.spec.values, ['spec', 'values']))
        for (const call of namedCalls(each, release, from, 'named', inventory))
          if (!isOfPlatform({ namespace: call.to.namespace, service: call.to.name }, inventory)) yield call;
    }
  },
});

/** Whether an init container names it that ends before the others start: not a sidecar of its own. */
function isInit({ container }: ServiceReference): boolean {
  return container?.isInit === true && stringAt(container.value, 'restartPolicy') !== 'Always';
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
