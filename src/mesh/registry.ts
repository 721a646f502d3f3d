import { covers, isExportedTo, serviceInHost } from './host.ts';
import { isComplete } from './completeness.ts';
import type { Inventory } from './inventory.ts';
import type { Service, ServiceEntry } from './service.ts';

/** What is known of a host: `seen`: a Service or ServiceEntry has it; `hidden`: one has it, and does not export it to the
 *  asking namespace; `missing`: its namespace was read and has no such Service; `unlisted`: no ServiceEntry that was read
 *  has it; `unknown`: what was read can't tell. */
export type Registration = 'seen' | 'hidden' | 'missing' | 'unlisted' | 'unknown';

/** Looks a full name, or a wildcard, up as a proxy in `from` would. */
export function registrationOf(host: string, from: string, inventory: Inventory): Registration {
  const { clusterDomain } = inventory.settings;
  if (covers(host, apiServerHost(clusterDomain))) return 'seen';
  const services = servicesCovered(host, inventory);
  const entries = inventory.entriesCovering(host);
  const inside = host.startsWith('*') ? entriesInside(host, inventory) : [];
  const exports = [...services, ...entries, ...inside];
  if (exports.some(({ exportTo, namespace }) => isExportedTo(exportTo, namespace, from))) return 'seen';
  if (exports.length > 0) return 'hidden';
  if (!host.endsWith(`.${clusterDomain}`)) return host.endsWith('.local') ? 'unknown' : 'unlisted';
  const place = serviceInHost(host.startsWith('*.') ? `x${host.slice(1)}` : host, clusterDomain);
  if (place === undefined) return 'unknown';
  const { service, namespace } = place;
  return namespace !== '' && isServiceMissing(service, namespace, inventory) ? 'missing' : 'unknown';
}

/** Whether a namespace whose other Services were read has none of this name. */
function isServiceMissing(service: string, namespace: string, inventory: Inventory): boolean {
  if (!isComplete(namespace, inventory) || inventory.servicesIn(namespace).length === 0) return false;
  // One without a namespace goes wherever it is applied.
  const homeless = inventory.once(
    'services without namespace',
    () => new Set(inventory.of('Service').flatMap(({ hasNamespace, name }) => (hasNamespace ? [] : [name]))),
  );
  return !homeless.has(service) || namespace === 'default';
}

function entriesInside(pattern: string, inventory: Inventory): readonly ServiceEntry[] {
  const known = inventory.once('entries by pattern', () => new Map<string, readonly ServiceEntry[]>());
  const found =
    known.get(pattern) ??
    inventory.serviceEntries.filter(({ hosts }) => hosts.some((host) => covers(pattern, host)));
  known.set(pattern, found);
  return found;
}

/** The Services that a full name, or a wildcard, stands for. */
export function servicesCovered(host: string, inventory: Inventory): readonly Service[] {
  if (!host.startsWith('*')) {
    const found = inventory.serviceAt(host);
    return found === undefined ? [] : [found];
  }
  const known = inventory.once('services by pattern', () => new Map<string, readonly Service[]>());
  const found = known.get(host) ?? inventory.services.filter((service) => covers(host, service.host));
  known.set(host, found);
  return found;
}

/** The name of the Kubernetes API in every cluster. */
export function apiServerHost(clusterDomain: string): string {
  return `kubernetes.default.svc.${clusterDomain}`;
}

/** Whether a host is `service.namespace`, or that with `.svc`, of a namespace that was read: Istio completes neither. */
export function isShortForm(host: string, inventory: Inventory): boolean {
  const { clusterDomain } = inventory.settings;
  const place = serviceInHost(host, clusterDomain);
  return place !== undefined && !host.endsWith(`.svc.${clusterDomain}`) && inventory.isRead(place.namespace);
}
