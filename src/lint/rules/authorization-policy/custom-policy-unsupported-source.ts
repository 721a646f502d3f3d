import { stringAt } from '../../../model/json.ts';
import { partsIn, saying, specOf } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

const fields = ['namespaces', 'serviceAccounts', 'trustDomains', 'principals', 'requestPrincipals'].flatMap(
  (name) => [name, `not${name.slice(0, 1).toUpperCase()}${name.slice(1)}`],
);
const keys = ['source.namespace', 'source.serviceAccount', 'source.trustDomain', 'source.principal'];

export default rule({
  id: 'custom-policy-unsupported-source',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'a CUSTOM policy that depends on the caller’s identity',
  why: 'A CUSTOM policy can depend on IP addresses, hosts, paths, methods, headers and ports, but not on identities. The webhook rejects the policy.',
  fix: 'Select requests by operation, and let the provider or an additional ALLOW policy check the caller.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/tasks/security/authorization/authz-custom/'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      if (resource.spec.action !== 'CUSTOM') continue;
      for (const source of partsIn(specOf(resource), 'rules', 'from', 'source'))
        for (const field of saying(source, ...fields))
          yield {
            resource,
            path: [...source.path, field],
            at: 'key',
            message: `A CUSTOM policy can't depend on "${field}".`,
          };
      for (const { path, value } of partsIn(specOf(resource), 'rules', 'when')) {
        const key = stringAt(value, 'key') ?? '';
        if (keys.includes(key) || key.startsWith('request.auth.'))
          yield { resource, path: [...path, 'key'], message: `A CUSTOM policy can't depend on "${key}".` };
      }
    }
  },
});
