import { keyOf } from '../../../model/key-of.ts';
import type { Resource } from '../../../model/resource.ts';
import { podsOfGateway } from '../../../mesh/gateway-pods.ts';
import { serversOf, speaksTls, type GatewayServer, type ServerHost } from '../../../mesh/gateway-servers.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasLabels, labelsAt } from '../../../k8s/selector.ts';
import { mayBeStrangers } from '../../facts/strangers.ts';
import { listIn } from '../../../model/list-in.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-conflict',
  severity: 'error',
  kinds: ['Gateway'],
  summary: 'two Gateways with the same host on the same port of the same pods',
  why: 'All Gateways of a pod are merged by port. Of two TLS servers with the same host, the later one is thrown away, with its certificate and all VirtualServices bound to it: clients get the wrong certificate, or 404. Plain HTTP servers are merged instead, so their VirtualServices mix: that is only worth knowing.',
  fix: 'Keep one Gateway for the host, and bind the VirtualServices of both to it.',
  equivalent: ['IST0145', 'KIA0301'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0145/',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const claims of claimsByHost(inventory).values())
      for (const claim of claims.slice(0, 200)) {
        const other = claims.find((each) => isRival(claim, each, inventory));
        if (other === undefined) continue;
        const { resource, server, host } = claim;
        const isTls = speaksTls(server) || speaksTls(other.server);
        const place = `${other.resource.namespace}/${other.resource.name}`;
        // Unlike istioctl: istiod merges plain HTTP servers, and nothing is lost.
        yield {
          resource,
          path: host.path,
          severity: isTls ? 'error' : 'info',
          message: isTls
            ? `The Gateway ${place} has "${host.text}" on port ${String(server.port)} of the same pods, and one of the two is thrown away.`
            : `The Gateway ${place} has "${host.text}" on port ${String(server.port)} of the same pods, and the two are merged.`,
        };
      }
  },
});

interface Claim {
  readonly resource: Resource;
  readonly server: GatewayServer;
  readonly host: ServerHost;
  readonly selector: Readonly<Record<string, string>>;
}

function claimsByHost(inventory: Inventory): ReadonlyMap<string, readonly Claim[]> {
  const found = new Map<string, Claim[]>();
  for (const resource of inventory.of('Gateway')) {
    const selector = labelsAt(resource.spec, 'selector');
    for (const server of serversOf(resource))
      for (const host of server.hosts) {
        const key = keyOf(server.port, server.bind, host.namespace, host.dns);
        listIn(found, key).push({ resource, server, host, selector });
      }
  }
  return found;
}

function isRival(one: Claim, other: Claim, inventory: Inventory): boolean {
  if (one.resource === other.resource || one.server.port === undefined) return false;
  if (mayBeStrangers(one.resource, other.resource)) return false;
  if (isSame(one.selector, other.selector)) return true;
  // Different labels of the same pods: only what was read can tell.
  const pods = podsOfGateway(one.resource, inventory);
  return pods.some(({ labels }) => hasLabels(labels, other.selector));
}

function isSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  return hasLabels(one, other) && hasLabels(other, one);
}
