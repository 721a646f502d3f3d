import type { Inventory } from '../../mesh/inventory.ts';
import type { ServicePort } from '../../mesh/service.ts';

type HostPort = Pick<ServicePort, 'name' | 'number' | 'targetPort'>;

/** The ports that a host has; undefined: it is not among what was read, or stands for another name. */
export function portsOfHost(host: string, inventory: Inventory): readonly HostPort[] | undefined {
  const service = inventory.serviceAt(host);
  const entries = inventory.entriesCovering(host);
  if (service === undefined && entries.length === 0) return undefined;
  if (service?.externalName !== undefined) return undefined;
  return [...(service?.ports ?? []), ...entries.flatMap(({ ports }) => ports)];
}
