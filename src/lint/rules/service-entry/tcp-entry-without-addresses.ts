import { valueAt } from '../../../model/json.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import type { ServiceEntry } from '../../../mesh/service.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'tcp-entry-without-addresses',
  severity: 'warning',
  kinds: ['ServiceEntry'],
  summary: 'a ServiceEntry with a TCP port but no addresses',
  why: 'A TCP connection does not carry a host name, so the proxy can only match its address. Without `addresses`, it matches every connection to that port to this ServiceEntry, whatever the destination. With DNS capture, Istio allocates an address for each host (by default since 1.25), but not for a wildcard or with resolution NONE.',
  fix: 'List the addresses, enable DNS capture (`ISTIO_META_DNS_CAPTURE`), or use protocol TLS, which carries a host name.',
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
        // service-entry-port-malformed reports invalid ports.
        if (number > 65_535) continue;
        // Without a protocol, the proxy detects HTTP and knows the host of such requests.
        const what = protocol === '' ? 'every connection that is not HTTP' : 'every connection';
        yield {
          resource,
          path,
          message: `Without addresses, the proxy treats ${what} to port ${String(number)} of any host as a call to ${hosts[0] ?? 'this ServiceEntry'}.`,
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
