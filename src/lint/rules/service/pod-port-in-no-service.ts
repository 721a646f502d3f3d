import { valueAt } from '../../../model/json.ts';
import { isMeshed } from '../../facts/mesh-use.ts';
import { containerPort } from '../../../mesh/workload.ts';
import { servicesOf } from '../../../mesh/served-port.ts';
import { transportOf } from '../../../k8s/container-port.ts';
import { rule } from '../../rule.ts';

/** Ports that scrapers, the kubelet or people call, never the other pods. */
const notForPeers = /metric|prom|health|probe|ready|live|admin|debug|profil|exporter|monitor|ui$/i;

export default rule({
  id: 'pod-port-in-no-service',
  severity: 'info',
  kinds: ['StatefulSet'],
  summary: 'a port of a StatefulSet with several pods that none of its Services lists',
  why: 'Pods of a StatefulSet call each other through the names of a headless Service. The proxy knows only the ports that a Service lists: it passes a call to any other port through in plaintext, and a STRICT peer resets it. Clusters of brokers or databases then never form, although clients still reach each pod.',
  fix: 'List the port in the headless Service, named `tcp-…` if it is not HTTP.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/',
    'https://istio.io/latest/docs/ops/deployment/application-requirements/',
  ],
  *check(inventory) {
    for (const workload of inventory.workloads) {
      const { resource, containers } = workload;
      const replicas = resource.spec.replicas;
      if (resource.known !== 'StatefulSet' || typeof replicas !== 'number' || replicas < 2) continue;
      const services = servicesOf(workload, inventory);
      if (!services.some(({ isHeadless }) => isHeadless) || !isMeshed(inventory, workload)) continue;
      const known = new Set(
        services.flatMap(({ ports }) =>
          ports.map(({ targetPort, transport }) => containerPort(workload, targetPort, transport)),
        ),
      );
      for (const { ports, isInit } of containers)
        for (const { path, name, number } of ports) {
          if (isInit || known.has(number) || notForPeers.test(name ?? '')) continue;
          if (transportOf(valueAt(resource.value, ...path)) !== 'TCP') continue;
          yield {
            resource,
            path: [...path, 'containerPort'],
            message: `Port ${String(number)}${name === undefined ? '' : ` (${name})`} is not listed in the ${services.length === 1 ? 'Service' : 'Services'} ${services.map((each) => each.name).join(', ')}, so calls between the pods reach it without mTLS.`,
          };
        }
    }
  },
});
