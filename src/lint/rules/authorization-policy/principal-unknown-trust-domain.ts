import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { principalsIn } from '../../../mesh/policy-rule.ts';
import { parsePrincipal } from '../../../k8s/principal.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'principal-unknown-trust-domain',
  severity: 'warning',
  kinds: ['AuthorizationPolicy'],
  summary: 'an AuthorizationPolicy with a principal from an unknown trust domain',
  why: 'Certificates contain the trust domain of the mesh. Istio replaces `cluster.local` and the aliases in meshConfig with it, but compares any other trust domain literally: the principal matches nobody, and callers get a 403. If neither a manifest nor the fleet file sets the trust domain, the rule reports nothing.',
  fix: 'Use `cluster.local`, which always stands for the mesh’s trust domain, or add the domain to `meshConfig.trustDomainAliases`.',
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
          message: `"${domain}" is not the mesh’s trust domain ("${settings.trustDomain}") or one of its aliases, so the principal matches nobody.`,
        };
      }
  },
});
