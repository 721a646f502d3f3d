import { keyOf } from '../../../model/key-of.ts';
import type { Resource } from '../../../model/resource.ts';
import { podsOfGateway } from '../../../mesh/gateway-pods.ts';
import { serversOf, type GatewayServer, type ServerHost } from '../../../mesh/gateway-servers.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasLabels, labelsAt } from '../../../k8s/selector.ts';
import { ClaimsBySelector } from '../../facts/claims-by-selector.ts';
import { groupOf } from '../../facts/unrelated.ts';
import { listIn } from '../../../model/list-in.ts';
import { rule, type Finding } from '../../rule.ts';

export default rule({
  id: 'gateway-conflict',
  severity: 'error',
  kinds: ['Gateway'],
  summary: 'two Gateways that claim the same host on the same port of the same pods',
  why: 'Istio merges all Gateways of a pod by port. Of two TLS servers with the same host, it drops the later one together with its certificate and all VirtualServices bound to it: clients get the wrong certificate or a 404. It merges plain HTTP servers instead, so that their VirtualServices mix; the severity is then info.',
  fix: 'Keep one Gateway for the host, and bind the VirtualServices of both to it.',
  equivalent: ['IST0145', 'KIA0301'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0145/',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const claims of claimsByHost(inventory).values()) {
      const bySelector = new ClaimsBySelector<ServerHostClaim>();
      for (const claim of claims) bySelector.add(claim);
      for (const claim of claims) {
        // Different labels of the same pods: only the pods that were read can tell.
        const pods = inventory.once(podsOfGateway, claim.resource);
        const other = bySelector.otherThan(claim, (selector) =>
          pods.some(({ labels }) => hasLabels(labels, selector)),
        );
        if (other === undefined) continue;
        const { resource, server, host } = claim;
        const isTls = server.isTls || other.server.isTls;
        const key = `${other.resource.namespace}/${other.resource.name}`;
        // Unlike istioctl: istiod merges plain HTTP servers, and nothing is lost.
        yield {
          resource,
          path: host.path,
          severity: isTls ? 'error' : 'info',
          message: isTls
            ? `The Gateway ${key} also has "${host.text}" on port ${String(server.port)} of the same pods, so Istio drops one of the two.`
            : `The Gateway ${key} also has "${host.text}" on port ${String(server.port)} of the same pods, so Istio merges the two.`,
        };
      }
      const [first] = claims;
      if (first !== undefined && bySelector.uncompared > 0) yield notCompared(first, bySelector.uncompared);
    }
  },
});

function notCompared({ resource, server, host }: ServerHostClaim, count: number): Finding {
  return {
    resource,
    path: host.path,
    severity: 'info',
    message: `Gateways with too many different selectors have "${host.text}" on port ${String(server.port)}: ${String(count)} ${count === 1 ? 'selector was' : 'selectors were'} not compared with each other, so there may be more conflicts.`,
  };
}

interface ServerHostClaim {
  readonly resource: Resource;
  readonly server: GatewayServer;
  readonly host: ServerHost;
  readonly selector: Readonly<Record<string, string>>;
}

function claimsByHost(inventory: Inventory): ReadonlyMap<string, readonly ServerHostClaim[]> {
  const found = new Map<string, ServerHostClaim[]>();
  for (const resource of inventory.of('Gateway')) {
    const selector = labelsAt(resource.spec, 'selector');
    for (const server of serversOf(resource))
      for (const host of server.hosts) {
        if (server.port === undefined) continue;
        const key = keyOf(groupOf(resource), server.port, server.bind, host.namespace, host.dns);
        listIn(found, key).push({ resource, server, host, selector });
      }
  }
  return found;
}
