import { forPerson } from '../model/quoted.ts';

/** Shows a text in place of the one shown before; where no person looks, one after the other, and only when it is another.
 *  @param stream  what is written to */
export function createScreen(stream: NodeJS.WriteStream): (text: string, hint: string) => void {
  let shown: string | undefined;
  return (told, hint) => {
    const text = forPerson(told);
    if (!stream.isTTY) {
      if (text !== shown) stream.write(shown === undefined ? text : `\n${text}`);
    } else {
      const rows = Math.max(4, stream.rows) - 3;
      const lines = text.trimEnd().split('\n');
      const more = lines.length - rows;
      // What does not fit is told, not scrolled away: the last line counts, the first ones are done longest.
      const visible = more > 0 ? [`… ${String(more + 1)} lines above`, ...lines.slice(more + 1)] : lines;
      stream.write(`\u001b[H\u001b[2J${visible.join('\n')}\n${hint}`);
    }
    shown = text;
  };
}
