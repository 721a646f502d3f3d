import { stringAt } from '../../../model/json.ts';
import { describeResource } from '../../../model/resource.ts';
import { disagreements, type EntryClaim } from '../../facts/entry-claims.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'service-entries-disagree-on-protocol',
  severity: 'warning',
  kinds: ['ServiceEntry'],
  summary: 'ServiceEntries with different protocols for the same host and port',
  why: 'A proxy that sees both uses only one of the protocols. With the wrong one, it parses TLS as HTTP, or rules for paths and headers never apply. ServiceEntries that no namespace sees together are not compared.',
  fix: 'Use the same protocol, or separate the ServiceEntries with `exportTo: ["."]`.',
  equivalent: ['IST0177', 'KIA1212'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/service-entry/',
    'https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/',
  ],
  *check(inventory) {
    for (const { claim, other } of disagreements(inventory, knownProtocol)) {
      const { entry, host, port, path } = claim;
      yield {
        resource: entry.resource,
        path: [...path, 'protocol'],
        message: `${describeResource(other.entry.resource)} declares ${protocolAt(other) || 'no protocol'} for port ${String(port)} of ${host}, but this ServiceEntry declares ${protocolAt(claim) || 'none'}.`,
      };
    }
  },
});

function knownProtocol(claim: EntryClaim): string | undefined {
  const protocol = protocolAt(claim);
  return hasPlaceholder(protocol) ? undefined : protocol;
}

function protocolAt({ entry, path }: EntryClaim): string {
  return stringAt(entry.resource.value, ...path, 'protocol')?.toUpperCase() ?? '';
}
