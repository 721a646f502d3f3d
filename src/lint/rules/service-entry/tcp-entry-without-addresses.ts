import { valueAt } from '../../../model/json.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import type { ServiceEntry } from '../../../mesh/service.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'tcp-entry-without-addresses',
  severity: 'warning',
  kinds: ['ServiceEntry'],
  summary: 'a ServiceEntry with a TCP port and no addresses',
  why: 'A TCP connection does not say which host it is for, so the proxy only has the address to go by. Without `addresses` it takes every connection to that port number for this entry, whatever it was meant for. With DNS capture, Istio makes up an address for each host (by itself since 1.25); a wildcard, and an entry with resolution NONE, get none.',
  fix: 'List the addresses, switch DNS capture on (`ISTIO_META_DNS_CAPTURE`), or use protocol TLS, which names its host.',
  equivalent: ['IST0134'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0134/',
    'https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/',
  ],
  *check(inventory) {
    for (const entry of inventory.serviceEntries) {
      const { resource, addresses, hosts } = entry;
      if (addresses.length > 0 || isGivenAddress(entry, inventory) || hosts.some(hasPlaceholder)) continue;
      for (const { path, number } of entry.ports) {
        const protocol = valueAt(resource.value, ...path, 'protocol') ?? '';
        if (typeof protocol !== 'string' || !/^(tcp|mongo|mysql|redis)?$/i.test(protocol)) continue;
        // What is no port, service-entry-port-malformed reports.
        if (number > 65_535) continue;
        // Of HTTP, which is recognised where nothing says the protocol, the host is known.
        const what = protocol === '' ? 'every connection that is not HTTP' : 'every connection';
        yield {
          resource,
          path,
          message: `Without addresses, ${what} to port ${String(number)}, to any host, is taken for ${hosts[0] ?? 'this entry'}.`,
        };
      }
    }
  },
});

function isGivenAddress({ resource, hosts, resolution }: ServiceEntry, { settings }: Inventory): boolean {
  if (valueAt(resource.value, 'status', 'addresses') !== undefined) return true;
  // Since 1.25 addresses are allocated by default; istioctl still asks for the old switch beside DNS capture.
  if (resource.labels['networking.istio.io/enable-autoallocate-ip'] === 'false') return false;
  return settings.dnsCapture && resolution !== 'NONE' && !hosts.some((host) => host.startsWith('*'));
}
