/** Whether a JSON schema of values can be read without anything outside it. Helm follows references to other files and to
 *  the network, which a hostile chart would use.
 *  @see https://github.com/helm/helm/security/advisories/GHSA-9h84-qmv7-982p */
export function isClosedSchema(text: string): boolean {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch {
    return false;
  }
  const left: unknown[] = [schema];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    if (typeof at !== 'object' || at === null) continue;
    for (const [key, value] of Object.entries(at)) {
      if (typeof value === 'string' && !isInside(key, value)) return false;
      if (typeof value === 'object' && value !== null) left.push(value);
    }
  }
  return true;
}

/** Drafts that helm brings with it. */
const draft =
  /^https?:\/\/json-schema\.org\/(?:draft-0[467]\/schema|draft\/20(?:19-09|20-12)\/schema|schema)#?$/;

function isInside(key: string, value: string): boolean {
  if (key === '$ref' || key === '$dynamicRef' || key === '$recursiveRef') return value.startsWith('#');
  return key !== '$schema' || draft.test(value);
}
