import { principalsIn, rulesOf, valuesIn, type WrittenValue } from '../../../mesh/policy-rule.ts';
import { hasStarsThatCount } from '../../../k8s/policy-text.ts';
import { parsePrincipal } from '../../../k8s/principal.ts';
import type { Resource } from '../../../model/resource.ts';
import { rule, type Finding } from '../../rule.ts';

export default rule({
  id: 'principal-never-matches',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'an AuthorizationPolicy with a principal or namespace that no caller can have',
  why: 'A principal is `<trust domain>/ns/<namespace>/sa/<ServiceAccount>`, without `spiffe://`. A `*` is a wildcard only at the start or the end; anywhere else it is literal. Istio accepts other values, but they match nobody: an ALLOW denies its callers with a 403, and a DENY blocks nobody.',
  fix: 'Write the full principal, or use one `*` at the start or the end.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      for (const value of principalsIn(resource)) yield* checkPrincipal(resource, value);
      for (const { sources } of rulesOf(resource)) {
        for (const { path, text } of valuesIn(sources, 'namespaces', 'notNamespaces'))
          if (text.includes('/'))
            yield { resource, path, message: `"${text}" is not a namespace name, so it matches nobody.` };
      }
    }
  },
});

function* checkPrincipal(resource: Resource, { path, text }: WrittenValue): Iterable<Finding> {
  const scheme = 'spiffe://';
  if (text.startsWith(scheme)) {
    const value = text.slice(scheme.length);
    yield {
      resource,
      path,
      message: `"${text}" matches nobody: Istio adds spiffe:// itself.`,
      fix: `Use ${value}.`,
      ...(parsePrincipal(value) !== undefined && { edits: [{ op: 'set', path, value }] }),
    };
  } else if (!hasStarsThatCount(text))
    yield {
      resource,
      path,
      message: `"${text}" matches nobody: "*" is a wildcard only at the start or the end.`,
    };
  else if (!text.includes('*') && parsePrincipal(text) === undefined)
    yield {
      resource,
      path,
      message: `"${text}" matches nobody: a principal has the form domain/ns/namespace/sa/account.`,
    };
}
