import { stringAt } from '../../../model/json.ts';
import { hostOf } from '../../../mesh/declared-tls.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isShortForm, registrationOf } from '../../../mesh/registry.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'destination-rule-host-unknown',
  severity: 'warning',
  kinds: ['DestinationRule', 'Service', 'ServiceEntry'],
  summary: 'a DestinationRule for a host without a Service or ServiceEntry',
  why: 'The DestinationRule silently applies to nothing: its TLS settings, sticky sessions and subsets have no effect. This check skips hosts in namespaces that were not read, or in which a Helm release or an operator may create more. For a name outside the cluster the severity is info, since its ServiceEntry may be elsewhere.',
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
        yield {
          ...at,
          message: `No Service has the host ${host}, so the DestinationRule applies to nothing.`,
        };
      else if (found === 'hidden')
        yield {
          ...at,
          message: `The host ${host} is not exported to ${resource.namespace}, so the DestinationRule applies to nothing.`,
        };
      else if (found === 'unlisted')
        yield {
          ...at,
          severity: 'info',
          message: `No ServiceEntry read here has the host ${host}; without one, the DestinationRule applies to nothing.`,
        };
    }
  },
});
