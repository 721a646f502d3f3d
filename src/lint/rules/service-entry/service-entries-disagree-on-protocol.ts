import { stringAt } from '../../../model/json.ts';
import { describeResource } from '../../../model/resource.ts';
import { claimsOf, type EntryClaim } from '../../facts/entry-claims.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'service-entries-disagree-on-protocol',
  severity: 'warning',
  kinds: ['ServiceEntry'],
  summary: 'ServiceEntries that give one host and port different protocols',
  why: 'A proxy that sees both has one listener for the port, and treats it by one of the protocols. By the wrong one, TLS is parsed as HTTP, or rules about paths and headers never apply. Entries that no namespace sees together are left alone.',
  fix: 'Agree on one protocol, or keep the entries apart with `exportTo: ["."]`.',
  equivalent: ['IST0177', 'KIA1212'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/service-entry/',
    'https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/',
  ],
  *check(inventory) {
    for (const { host, port, claims } of claimsOf(inventory)) {
      for (const claim of claims) {
        const own = protocolAt(claim);
        const other = claim.rivals.find((rival) => protocolAt(rival) !== own);
        if (other === undefined || hasPlaceholder(own) || hasPlaceholder(protocolAt(other))) continue;
        yield {
          resource: claim.entry.resource,
          path: [...claim.path, 'protocol'],
          message: `${describeResource(other.entry.resource)} says ${protocolAt(other) || 'nothing'} for port ${String(port)} of ${host}, and this one ${own || 'nothing'}.`,
        };
      }
    }
  },
});

function protocolAt({ entry, path }: EntryClaim): string {
  return stringAt(entry.resource.value, ...path, 'protocol')?.toUpperCase() ?? '';
}
