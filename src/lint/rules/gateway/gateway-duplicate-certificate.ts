import { listAt, stringAt } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { hasLabels, labelsAt } from '../../../k8s/selector.ts';
import { mayBeStrangers } from '../../facts/strangers.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { listIn } from '../../../model/list-in.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-duplicate-certificate',
  severity: 'warning',
  kinds: ['Gateway'],
  summary: 'Gateways of the same pods that share a certificate',
  why: 'A browser that has an HTTP/2 connection for one host uses it for every other host of the certificate. The proxy chose the routes when the connection began, by its SNI, and answers 404 for hosts of the other Gateway, now and then.',
  fix: 'Put the hosts of one certificate on one Gateway, or give each Gateway a certificate of its own.',
  equivalent: ['IST0138'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0138/',
    'https://istio.io/latest/docs/ops/common-problems/network-issues/',
  ],
  *check(inventory) {
    for (const [credential, uses] of usesByCredential(inventory))
      for (const { resource, index, selector } of uses.slice(0, 200)) {
        const other = uses.find(
          (each) =>
            each.resource !== resource &&
            !mayBeStrangers(each.resource, resource) &&
            (hasLabels(each.selector, selector) || hasLabels(selector, each.selector)),
        );
        if (other === undefined) continue;
        yield {
          resource,
          path: ['spec', 'servers', index, 'tls', 'credentialName'],
          message: `The certificate ${credential} is also that of the Gateway ${other.resource.namespace}/${other.resource.name}, on the same pods.`,
        };
      }
  },
});

interface Use {
  readonly resource: Resource;
  readonly index: number;
  readonly selector: Readonly<Record<string, string>>;
}

function usesByCredential(inventory: Inventory): ReadonlyMap<string, readonly Use[]> {
  const found = new Map<string, Use[]>();
  for (const resource of inventory.of('Gateway')) {
    const selector = labelsAt(resource.spec, 'selector');
    for (const [index, server] of listAt(resource.spec, 'servers').entries()) {
      const name = stringAt(server, 'tls', 'credentialName') ?? '';
      const mode = stringAt(server, 'tls', 'mode') ?? '';
      if (name !== '' && !hasPlaceholder(name) && mode !== 'PASSTHROUGH')
        listIn(found, name).push({ resource, index, selector });
    }
  }
  return found;
}
