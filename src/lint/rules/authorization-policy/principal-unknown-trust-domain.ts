import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { principalsIn } from '../../../mesh/policy-rule.ts';
import { parsePrincipal } from '../../../k8s/principal.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'principal-unknown-trust-domain',
  severity: 'warning',
  kinds: ['AuthorizationPolicy'],
  summary: 'an AuthorizationPolicy with a principal of a trust domain that the mesh does not know',
  why: 'Certificates carry the mesh’s own trust domain. Istio rewrites `cluster.local` and the aliases of meshConfig to it, and compares any other literally: the principal matches nobody, and callers get 403. Nothing is said where no manifest and no fleet tells the trust domain.',
  fix: 'Write `cluster.local`, which always means the mesh’s own, or add the domain to `meshConfig.trustDomainAliases`.',
  equivalent: ['KIA0108'],
  see: [
    'https://istio.io/latest/docs/tasks/security/authorization/authz-td-migration/',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    const { settings } = inventory;
    if (!settings.declared.has('trustDomain') || hasPlaceholder(settings.trustDomain)) return;
    const known = new Set(['cluster.local', settings.trustDomain, ...settings.trustDomainAliases]);
    for (const resource of inventory.of('AuthorizationPolicy'))
      for (const { path, text } of principalsIn(resource)) {
        const domain = parsePrincipal(text)?.trustDomain;
        if (domain === undefined || known.has(domain) || domain === 'spiffe:') continue;
        yield {
          resource,
          path,
          message: `The mesh’s trust domain is "${settings.trustDomain}", and "${domain}" is none of its aliases.`,
        };
      }
  },
});
