import type { Inventory } from './inventory.ts';
import { SelectorIndex } from '../k8s/selector.ts';
import type { Service, ServicePort } from './service.ts';
import { containerPort, type Workload } from './workload.ts';

/** A container port that a Service leads to. */
export interface ServedPort {
  readonly service: Service;
  readonly port: ServicePort;
  /** Of the container: what policies compare. */
  readonly number: number;
}

/** The Services that lead to a workload's pods. */
export function servicesOf({ namespace, labels }: Workload, inventory: Inventory): readonly Service[] {
  return inventory.once(selectingIn, namespace).taking(labels);
}

function selectingIn(namespace: string, inventory: Inventory): SelectorIndex<Service> {
  const services = inventory.servicesIn(namespace).filter(({ selector }) => selector !== undefined);
  return new SelectorIndex(services, ({ selector }) => selector ?? {});
}

/** The ports of a workload that Services lead to; ports that nothing resolves are left out. */
export function servedPorts(workload: Workload, inventory: Inventory): readonly ServedPort[] {
  return inventory.once(computePorts, workload);
}

function computePorts(workload: Workload, inventory: Inventory): readonly ServedPort[] {
  return servicesOf(workload, inventory).flatMap((service) =>
    service.ports.flatMap((port) => {
      const number = containerPort(workload, port.targetPort, port.transport);
      return number === undefined ? [] : [{ service, port, number }];
    }),
  );
}

/** Whether some container of a workload says that it listens on a port. */
export function declaresPort({ containers }: Workload, number: number): boolean {
  return containers.some(({ ports }) => ports.some((port) => port.number === number));
}
