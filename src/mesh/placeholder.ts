/** Whether a text is still to be filled in, so that nothing can be said of it: by Flux (`${domain}`), Kubernetes (`$(HOST)`),
 *  envsubst (`$DOMAIN`), a template (`{{ host }}`, `<% host %>`), or a person (`<your-domain>`, `__HOST__`). What regular
 *  expressions are made of (`$`, `(?<name>…)`) is none of these. */
export function hasPlaceholder(text: string): boolean {
  return /\$[{(A-Za-z_]|\{\{|<%|__[A-Z]|(?<!\?P?)<[^<>]{0,100}>/.test(text);
}

/** Whether a host holds a word such as `NAMESPACE_PLACEHOLDER`, which kustomize's replacements or a script fill in: no host
 *  has both capitals and underscores. */
export function hasPlaceholderWord(host: string): boolean {
  return /(^|[.-])[A-Z][A-Z0-9]*_[A-Z0-9_]+($|[.-])/.test(host);
}
