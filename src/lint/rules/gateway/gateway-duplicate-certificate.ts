import { listAt, stringAt, type YamlPath } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { hasLabels, labelsAt } from '../../../k8s/selector.ts';
import { ClaimsBySelector } from '../../facts/claims-by-selector.ts';
import { groupOf } from '../../facts/unrelated.ts';
import { keyOf } from '../../../model/key-of.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { listIn } from '../../../model/list-in.ts';
import { rule, type Finding } from '../../rule.ts';

export default rule({
  id: 'gateway-duplicate-certificate',
  severity: 'warning',
  kinds: ['Gateway'],
  summary: 'Gateways on the same pods that share a certificate',
  why: 'A browser reuses an HTTP/2 connection for every other host that the certificate covers. The proxy chose the routes by the SNI when the connection was opened, so it intermittently returns a 404 for hosts of the other Gateway.',
  fix: 'Put all hosts of a certificate on one Gateway, or give each Gateway its own certificate.',
  equivalent: ['IST0138'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0138/',
    'https://istio.io/latest/docs/ops/common-problems/network-issues/',
  ],
  *check(inventory) {
    for (const uses of usesByCredential(inventory).values()) {
      const bySelector = new ClaimsBySelector<CertificateUse>();
      for (const use of uses) bySelector.add(use);
      for (const use of uses) {
        const { resource, credential, path, selector } = use;
        const other = bySelector.otherThan(
          use,
          (each) => hasLabels(each, selector) || hasLabels(selector, each),
        );
        if (other === undefined) continue;
        yield {
          resource,
          path,
          message: `The Gateway ${other.resource.namespace}/${other.resource.name} on the same pods also uses the certificate ${credential}.`,
        };
      }
      const [first] = uses;
      if (first !== undefined && bySelector.uncompared > 0) yield notCompared(first, bySelector.uncompared);
    }
  },
});

function notCompared({ resource, credential, path }: CertificateUse, count: number): Finding {
  return {
    resource,
    path,
    severity: 'info',
    message: `Gateways with too many different selectors use the certificate ${credential}: ${String(count)} ${count === 1 ? 'selector was' : 'selectors were'} not compared with each other, so there may be more conflicts.`,
  };
}

interface CertificateUse {
  readonly resource: Resource;
  readonly credential: string;
  readonly path: YamlPath;
  readonly selector: Readonly<Record<string, string>>;
}

function usesByCredential(inventory: Inventory): ReadonlyMap<string, readonly CertificateUse[]> {
  const found = new Map<string, CertificateUse[]>();
  for (const resource of inventory.of('Gateway')) {
    const selector = labelsAt(resource.spec, 'selector');
    for (const [index, server] of listAt(resource.spec, 'servers').entries()) {
      const name = stringAt(server, 'tls', 'credentialName') ?? '';
      const mode = stringAt(server, 'tls', 'mode') ?? '';
      if (name !== '' && !hasPlaceholder(name) && mode !== 'PASSTHROUGH')
        listIn(found, keyOf(groupOf(resource), name)).push({
          resource,
          credential: name,
          path: ['spec', 'servers', index, 'tls', 'credentialName'],
          selector,
        });
    }
  }
  return found;
}
