const part =
  /\\(?<continued>\r?\n)|\\(?<escaped>[^])|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\[^])*)"|(?<space>[ \t\r\n]+)|(?<plain>[^\\'" \t\r\n]+)/gy;

/** Splits a text into words by the quoting of a POSIX shell, and by nothing else of it: no expansion, no operators, no
 *  comments, and a line break is a space.
 *  @returns undefined: a quote is left open, or a last backslash quotes nothing
 *  @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02 */
export function splitWords(text) {
  const words = [];
  let word;
  let length = 0;
  for (const { 0: all, groups } of text.matchAll(part)) {
    length += all.length;
    if (groups.continued !== undefined) continue;
    if (groups.space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    const { escaped, single, plain } = groups;
    const double = groups.double?.replace(/\\(?:\n|([$`"\\]))/g, '$1');
    word = (word ?? '') + (escaped ?? single ?? double ?? plain);
  }
  if (length < text.length) return undefined;
  return word === undefined ? words : [...words, word];
}
