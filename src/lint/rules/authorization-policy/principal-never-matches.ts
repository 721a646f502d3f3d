import { principalsIn, rulesOf, valuesIn, type WrittenValue } from '../../../mesh/policy-rule.ts';
import { hasStarsThatCount } from '../../../k8s/policy-text.ts';
import { parsePrincipal } from '../../../k8s/principal.ts';
import type { Resource } from '../../../model/resource.ts';
import { rule, type Finding } from '../../rule.ts';

export default rule({
  id: 'principal-never-matches',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'a principal or namespace in an AuthorizationPolicy that no caller can have',
  why: 'A principal is `<trust domain>/ns/<namespace>/sa/<ServiceAccount>`, without `spiffe://`, and a `*` counts at its start or its end only; anywhere else it is a letter. Istio accepts other texts, and they match nobody: an ALLOW refuses its callers with 403, a DENY stops nobody.',
  fix: 'Write it in full, or with one `*` at an end.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      for (const value of principalsIn(resource)) yield* checkPrincipal(resource, value);
      for (const { sources } of rulesOf(resource)) {
        for (const { path, text } of valuesIn(sources, 'namespaces', 'notNamespaces'))
          if (text.includes('/')) yield { resource, path, message: `"${text}" is no name of a namespace.` };
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
      message: `"${text}" matches nobody: Istio puts spiffe:// before it by itself.`,
      fix: `Write ${value}.`,
      ...(parsePrincipal(value) !== undefined && { edits: [{ op: 'set', path, value }] }),
    };
  } else if (!hasStarsThatCount(text))
    yield {
      resource,
      path,
      message: `"${text}" matches nobody: a "*" counts at the start or at the end alone.`,
    };
  else if (!text.includes('*') && parsePrincipal(text) === undefined)
    yield { resource, path, message: `"${text}" is not of the form domain/ns/namespace/sa/account.` };
}
