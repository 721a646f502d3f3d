import { describeResource } from '../../../model/resource.ts';
import { overlapsAtGateways } from '../../facts/gateway-overlaps.ts';
import { hostOwners } from '../../facts/fleet-hosts.ts';
import { virtualServicesOf } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'host-claimed-twice',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a host of a gateway that two namespaces claim',
  why: "A gateway with `*` among its hosts takes any host from any namespace. When two have VirtualServices for the same host and path, the older object gets the requests, and the other team's users; both look healthy. Where the fleet file says whose the host is, any other claim is wrong. Namespaces that share a host by paths are left alone.",
  fix: 'Let one namespace own the host, and limit the Gateway to `<namespace>/<host>`.',
  equivalent: ['KIA1106'],
  see: [
    'https://istio.io/latest/docs/ops/best-practices/traffic-management/',
    'https://istio.io/latest/docs/reference/config/networking/gateway/#Server',
  ],
  *check(inventory) {
    const owners = hostOwners(inventory);
    const disowned = new Set<string>();
    for (const { resource, hosts, gateways } of virtualServicesOf(inventory)) {
      if (!resource.hasNamespace || gateways.every(({ isMesh }) => isMesh)) continue;
      for (const { host, text, path } of hosts) {
        const own = owners.get(host);
        if (own === undefined || own.has(resource.namespace)) continue;
        disowned.add(host);
        const owner = [...own].join(' and ');
        yield {
          resource,
          path,
          message: `The fleet declares "${text}" for ${owner}, not for ${resource.namespace}.`,
        };
      }
    }
    const reported = new Set<unknown>();
    for (const { view, host, other, gateway } of overlapsAtGateways(inventory)) {
      if (view.resource.namespace === other.resource.namespace) continue;
      if (disowned.has(host.host) || reported.has(host)) continue;
      reported.add(host);
      yield {
        resource: view.resource,
        path: host.path,
        message: `The host "${host.text}" at ${gateway} is also claimed by ${describeResource(other.resource)}, for the same requests.`,
      };
    }
  },
});
