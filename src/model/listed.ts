/** Names as a sentence lists them: no more than so many, and how many others there are.
 *  @param most  how many names are written out */
export function listed(names: readonly string[], most: number): string {
  const more = names.length - most;
  return `${names.slice(0, most).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}
