import type { Inventory } from './inventory.ts';
import type { ServicePort } from './service.ts';

type HostPort = Pick<ServicePort, 'name' | 'number' | 'targetPort'>;

/** The ports that a host has; undefined: it is not among what was read, or stands for another name. */
export function portsOfHost(host: string, inventory: Inventory): readonly HostPort[] | undefined {
  const service = inventory.serviceAt(host);
  const entries = inventory.entriesCovering(host);
  if (service === undefined && entries.length === 0) return undefined;
  if (service?.externalName !== undefined) return undefined;
  return [...(service?.ports ?? []), ...entries.flatMap(({ ports }) => ports)];
}
