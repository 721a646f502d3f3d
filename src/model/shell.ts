/** What needs no quotes in any shell, at any place of a command line. */
const plain = /^[A-Za-z0-9_./:@-][A-Za-z0-9_./:@+,=-]*$/;

/** One word for a POSIX shell, whatever it holds: the program gets exactly this text. Options are another matter: put
 *  `--` before a word that is a name.
 *  @param text  without the NUL character, which no argument can hold
 *  @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02 */
function shellWord(text: string): string {
  if (text.includes('\0')) throw new Error('a word of a shell script holds the NUL character');
  return plain.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** One simple command: each word quoted. */
export function shellCommand(...words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** One comment line of a script: what would end the line, or show it as another, is written out. */
export function shellComment(text: string): string {
  return `# ${visible(text)}`;
}

/** JSON for a script that people read: what a terminal would not show is written as an escape. */
export function visibleJson(value: unknown): string {
  return visible(JSON.stringify(value));
}

/** Control, format and line-separating characters. kubectl reads no escape of a pair of surrogates. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function visible(text: string): string {
  return text.replace(invisible, (found) =>
    found.length > 1 ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
