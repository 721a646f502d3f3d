/** How an AuthorizationPolicy compares texts: principals, paths, methods and hosts are written in full, or begin or end with
 *  a star; a star alone takes any text but the empty one. A star anywhere else is a character.
 *  @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule */
export function matchesPolicyText(pattern: string, text: string): boolean {
  if (pattern === '*') return text !== '';
  if (pattern.startsWith('*')) return text.endsWith(pattern.slice(1));
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : pattern === text;
}

/** Whether every text that `narrow` matches is matched by `wide`; both are written as in a policy. */
export function coversPolicyText(wide: string, narrow: string): boolean {
  if (narrow === '*') return wide === '*';
  if (narrow.startsWith('*')) {
    const tail = narrow.slice(1);
    return wide === '*' || (wide.startsWith('*') && tail.endsWith(wide.slice(1)));
  }
  if (!narrow.endsWith('*')) return matchesPolicyText(wide, narrow);
  const head = narrow.slice(0, -1);
  return wide === '*' || (isHead(wide) && head.startsWith(wide.slice(0, -1)));
}

function isHead(pattern: string): boolean {
  return pattern.endsWith('*') && !pattern.startsWith('*');
}

/** Whether the stars of a value of a policy are where they count: one, at the start or at the end. */
export function hasStarsThatCount(text: string): boolean {
  const first = text.indexOf('*');
  return first < 0 || (first === text.lastIndexOf('*') && (first === 0 || first === text.length - 1));
}

/** How an AuthorizationPolicy compares the namespace of a caller: each star stands for any text, wherever it is.
 *  @see https://github.com/istio/istio/blob/master/pilot/pkg/security/authz/model/generator.go srcNamespaceGenerator */
export function matchesPolicyNamespace(pattern: string, namespace: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return pattern === namespace;
  if (!namespace.startsWith(first) || !namespace.endsWith(last)) return false;
  let at = first.length;
  for (const part of others) {
    const found = namespace.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= namespace.length - last.length;
}

/** How an AuthorizationPolicy compares the trust domain of a caller: its first star stands for any text.
 *  @see https://github.com/istio/istio/blob/master/pilot/pkg/security/authz/model/generator.go srcTrustDomainGenerator */
export function matchesTrustDomain(pattern: string, domain: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === domain;
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return domain.length >= head.length + tail.length && domain.startsWith(head) && domain.endsWith(tail);
}
