/** A text without the characters of a set at its end. In linear time: a regular expression that ends with `$` is tried again at
 *  every place where such characters begin.
 *  @param characters  the set, as a text */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
