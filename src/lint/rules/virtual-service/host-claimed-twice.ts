import { describeResource } from '../../../model/resource.ts';
import { overlapsAtGateways, uncomparedClaims } from '../../facts/gateway-overlaps.ts';
import { hostOwners } from '../../facts/fleet-hosts.ts';
import { virtualServicesOf } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'host-claimed-twice',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a gateway host that two namespaces claim',
  why: 'A gateway with the host `*` accepts any host from any namespace. If two namespaces have VirtualServices for the same host and path, the older object gets the requests, including those meant for the other team; both look healthy. If the fleet file assigns the host to a namespace, any other claim is wrong. Namespaces that share a host by path are not reported.',
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
          message: `The fleet file assigns "${text}" to ${owner}, not to ${resource.namespace}.`,
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
        message: `Both this VirtualService and ${describeResource(other.resource)} claim "${host.text}" at ${gateway} for the same requests.`,
      };
    }
    for (const claims of uncomparedClaims(inventory)) {
      const [first, ...others] = claims;
      const isShared = others.some(({ view }) => view.resource.namespace !== first?.view.resource.namespace);
      if (first === undefined || !isShared || disowned.has(first.host.host)) continue;
      yield {
        resource: first.view.resource,
        path: first.host.path,
        severity: 'info',
        message: `Too many VirtualServices claim "${first.host.text}" at ${first.gateway}: ${String(claims.length)} were not compared with each other, so there may be more conflicts.`,
      };
    }
  },
});
