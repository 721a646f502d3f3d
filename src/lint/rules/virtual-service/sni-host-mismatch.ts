import { wildcardOver } from '../../../k8s/host.ts';
import { partsIn, specOf, textsIn } from '../../facts/part.ts';
import { hostMistake, isIpAddress, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'sni-host-mismatch',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a TLS route with an SNI host that is not a host of its VirtualService',
  why: 'The webhook rejects it: a VirtualService routes only its own hosts; a wildcard host covers the SNI hosts below it. An IP address is accepted with a warning, since no client sends one as SNI.',
  fix: 'Add the host to `hosts`, or correct the SNI host.',
  equivalent: ['IST0106', 'IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#TLSMatchAttributes'],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService')) {
      const hosts = [...textsIn(specOf(resource), 'hosts')].map(({ text }) => text);
      const names = new Set(hosts);
      const wildcards = new Set(hosts.filter((each) => each.startsWith('*')));
      const written = resource.spec.hosts;
      // A host that is a placeholder may cover anything.
      if (Array.isArray(written) && written.length !== hosts.length) continue;
      for (const match of partsIn(specOf(resource), 'tls', 'match'))
        for (const { path, text } of textsIn(match, 'sniHosts')) {
          const mistake = text.startsWith('outbound_') ? undefined : hostMistake(text);
          if (isIpAddress(text))
            yield {
              resource,
              path,
              severity: 'warning',
              message: `${quoted(text)} is an IP address, which clients don't send as SNI.`,
            };
          else if (mistake !== undefined)
            yield { resource, path, message: `The SNI host ${quoted(text)} ${mistake}.` };
          else if (!names.has(text) && wildcardOver(text, wildcards) === undefined)
            yield {
              resource,
              path,
              message: `The SNI host ${quoted(text)} is not one of the hosts of this VirtualService.`,
            };
        }
    }
  },
});
