/** Whether a text is still to be filled in: by Flux (`${domain}`), by Kubernetes (`$(HOST)`), or by a template. */
export function isUnfilled(text: string): boolean {
  return text.includes('$') || text.includes('{{') || text.includes('<');
}
