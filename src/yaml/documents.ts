import type { JsonValue } from '../model/json.ts';
import { splitStream } from './blocks.ts';
import { readYaml } from './read.ts';

/** The documents of a text that `isWanted` chooses, with their comments, as a text of their own.
 *  @returns undefined when the text is not YAML or can't be cut; '' when none is wanted */
export function pickDocuments(
  text: string,
  isWanted: (value: JsonValue, index: number) => boolean,
): string | undefined {
  const read = readYaml(text, '');
  const documents = read.ok ? splitStream(read.value) : undefined;
  if (documents === undefined) return undefined;
  const wanted = documents.filter(({ document }, index) => isWanted(document.value, index));
  if (wanted.length === documents.length) return text;
  return wanted
    .map(({ open, content }, index) => {
      const ended = content === '' || content.endsWith('\n') ? content : `${content}\n`;
      return index > 0 && !/^---/m.test(open) ? `---\n${open}${ended}` : open + ended;
    })
    .join('');
}

/** The values of a text's documents, in order; none when it is not YAML. */
export function documentValues(text: string): readonly JsonValue[] {
  const read = readYaml(text, '');
  return read.ok ? read.value.documents.map(({ value }) => value) : [];
}
