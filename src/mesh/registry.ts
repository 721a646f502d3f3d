import type { Resource } from '../model/resource.ts';
import { knowsServicesOf } from './coverage.ts';
import { covers, isExportedTo, serviceInHost } from '../k8s/host.ts';
import type { Inventory } from './inventory.ts';
import type { Service, ServiceEntry } from './service.ts';

/** What is known of a host: `seen`: a Service or ServiceEntry has it; `hidden`: one has it, and does not export it to the
 *  asking namespace; `missing`: its namespace was read and has no such Service; `unlisted`: no ServiceEntry that was read
 *  has it; `unknown`: what was read can't tell. */
export type Registration = 'seen' | 'hidden' | 'missing' | 'unlisted' | 'unknown';

/** Looks a full name, or a wildcard, up as a proxy in the namespace of `from` would.
 *  @param from  the object that names it */
export function registrationOf(host: string, from: Resource, inventory: Inventory): Registration {
  const { clusterDomain } = inventory.settings;
  if (covers(host, apiServerHost(clusterDomain))) return 'seen';
  const services = servicesCovered(host, inventory);
  const entries = inventory.entriesCovering(host);
  const inside = host.startsWith('*') ? inventory.once(entriesInside, host) : [];
  const exports = [...services, ...entries, ...inside];
  if (exports.some(({ exportTo, namespace }) => isExportedTo(exportTo, namespace, from.namespace)))
    return 'seen';
  if (exports.length > 0) return 'hidden';
  if (!host.endsWith(`.${clusterDomain}`)) return host.endsWith('.local') ? 'unknown' : 'unlisted';
  const place = serviceInHost(host.startsWith('*.') ? `x${host.slice(1)}` : host, clusterDomain);
  if (place === undefined || mayBeElsewhere(place.service, from, inventory)) return 'unknown';
  if (!from.hasNamespace && !comesWithServices(from, inventory)) return 'unknown';
  return knowsServicesOf(place.namespace, inventory) ? 'missing' : 'unknown';
}

/** Whether a Service of this name may be the one that is meant, although its namespace is another: what says no namespace
 *  goes wherever it is applied. */
function mayBeElsewhere(service: string, from: Resource, inventory: Inventory): boolean {
  const known = inventory.once(servicesByName);
  const twins = known.get(service);
  return twins !== undefined && (twins.hasLoose || !from.hasNamespace);
}

function servicesByName(inventory: Inventory) {
  const found = new Map<string, { hasLoose: boolean }>();
  for (const { name, hasNamespace } of inventory.of('Service'))
    found.set(name, { hasLoose: found.get(name)?.hasLoose === true || !hasNamespace });
  return found;
}

/** Whether Services are applied together with an object, so that one which is not among them can be called missing. */
function comesWithServices({ build }: Resource, inventory: Inventory): boolean {
  return inventory.once(buildsWithServices).has(build);
}

function buildsWithServices(inventory: Inventory) {
  return new Set(inventory.of('Service').map((each) => each.build));
}

/** Whether a Service or a ServiceEntry has this name. */
export function isKnownHost(host: string, inventory: Inventory): boolean {
  return inventory.serviceAt(host) !== undefined || inventory.entriesCovering(host).length > 0;
}

function entriesInside(pattern: string, { serviceEntries }: Inventory): readonly ServiceEntry[] {
  return serviceEntries.filter(({ hosts }) => hosts.some((host) => covers(pattern, host)));
}

/** The Services that a full name, or a wildcard, stands for. */
export function servicesCovered(host: string, inventory: Inventory): readonly Service[] {
  if (!host.startsWith('*')) {
    const found = inventory.serviceAt(host);
    return found === undefined ? [] : [found];
  }
  return inventory.once(servicesInside, host);
}

function servicesInside(pattern: string, { services }: Inventory): readonly Service[] {
  return services.filter((service) => covers(pattern, service.host));
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
