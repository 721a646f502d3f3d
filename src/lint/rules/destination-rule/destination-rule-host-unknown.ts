import { stringAt } from '../../../model/json.ts';
import { hostOf } from '../../../mesh/declared-tls.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isShortForm, registrationOf } from '../../../mesh/registry.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'destination-rule-host-unknown',
  severity: 'warning',
  kinds: ['DestinationRule', 'Service', 'ServiceEntry'],
  summary: 'a DestinationRule for a host that no Service or ServiceEntry has',
  why: 'The rule applies to nothing: its TLS settings, sticky sessions and subsets are as good as not written, in silence. Hosts in namespaces that were not read, or that a Helm release or an operator fills, are left alone; a name outside the cluster is only worth knowing, since its ServiceEntry may live elsewhere.',
  fix: 'Correct the host, or add the Service or ServiceEntry.',
  equivalent: ['IST0174', 'KIA0202'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0174/',
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#DestinationRule',
  ],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule')) {
      const written = stringAt(resource.spec, 'host') ?? '';
      const host = hostOf(resource, inventory);
      if (host === '' || host === '*' || hasPlaceholder(host)) continue;
      if (isShortForm(written, inventory)) continue;
      const found = registrationOf(host, resource, inventory);
      const at = { resource, path: ['spec', 'host'] };
      if (found === 'missing')
        yield { ...at, message: `No Service has the host ${host}, so the rule applies to nothing.` };
      else if (found === 'hidden')
        yield {
          ...at,
          message: `What has the host ${host} is not exported to ${resource.namespace}, so the rule applies to nothing.`,
        };
      else if (found === 'unlisted')
        yield {
          ...at,
          severity: 'info',
          message: `No ServiceEntry that was read has the host ${host}; without one the rule applies to nothing.`,
        };
    }
  },
});
