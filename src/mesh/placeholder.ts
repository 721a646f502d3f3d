/** Whether a host holds a word such as `NAMESPACE_PLACEHOLDER`, which kustomize's replacements or a script fill in: no host
 *  has both capitals and underscores. */
export function hasPlaceholderWord(host: string): boolean {
  return /(^|[.-])[A-Z][A-Z0-9]*_[A-Z0-9_]+($|[.-])/.test(host);
}

/** Whether a text is still to be filled in: by Flux (`${domain}`), by Kubernetes (`$(HOST)`), or by a template. */
export function isUnfilled(text: string): boolean {
  return text.includes('$') || text.includes('{{') || text.includes('<');
}
