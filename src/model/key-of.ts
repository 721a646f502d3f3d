/** A text that stands for several values in an index. Different values give different texts, whatever they hold: a name read
 *  from a file may hold any separator. */
export function keyOf(...parts: readonly (string | number | boolean | undefined)[]): string {
  return JSON.stringify(parts);
}
