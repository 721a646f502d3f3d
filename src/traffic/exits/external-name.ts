import { serviceReferences, type ServiceReference } from '../../mesh/service-references.ts';
import { serviceInHost } from '../../k8s/host.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import { keyOf } from '../../model/key-of.ts';
import { listIn } from '../../model/list-in.ts';
import type { Caller } from '../../model/traffic.ts';
import { evidenceAt, exitCollector } from '../entrance.ts';
import { callerOf } from '../ways.ts';

/** Services of type ExternalName: aliases of a host outside. Who names the alias calls it; where nobody does, anyone of the
 *  namespace may.
 *  @see https://kubernetes.io/docs/concepts/services-networking/service/#externalname */
export default exitCollector({
  way: 'external-name',
  *find(inventory) {
    const { clusterDomain } = inventory.settings;
    for (const { resource, namespace, name, externalName, ports } of inventory.services) {
      if (externalName === undefined || externalName === '') continue;
      const host = externalName.toLowerCase().replace(/\.$/, '');
      if (serviceInHost(host, clusterDomain) !== undefined && /\.svc(?:\.|$)/.test(host)) continue;
      const readers = inventory.once(referencesByService).get(keyOf(namespace, name)) ?? [];
      const numbers = ports.length > 0 ? ports.map(({ number }) => number) : [443];
      const calls = readers.flatMap((each) =>
        each.readBy.map((workload) => ({
          from: callerOf(workload, inventory),
          ports: each.port === undefined ? numbers : [each.port],
        })),
      );
      const anyone: Caller = { kind: 'account', namespace, serviceAccount: undefined };
      const evidence = evidenceAt(resource, ['spec', 'externalName'], 'external-name');
      for (const each of calls.length > 0 ? calls : [{ from: anyone, ports: numbers }])
        for (const port of each.ports) yield { from: each.from, to: { kind: 'host', host, port }, evidence };
    }
  },
});

function referencesByService(inventory: Inventory): ReadonlyMap<string, readonly ServiceReference[]> {
  const found = new Map<string, ServiceReference[]>();
  for (const each of serviceReferences(inventory))
    if (each.from !== 'probe') listIn(found, keyOf(each.namespace, each.service)).push(each);
  return found;
}
