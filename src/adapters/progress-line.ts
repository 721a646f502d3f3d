import { forPerson } from '../model/quoted.ts';

/** What a long run says while it goes on: lines that stay, and for a person at a terminal one last line that does not. */
export interface ProgressLine {
  /** A line that stays. */
  readonly tell: (line: string) => void;
  /** How far the run is. */
  readonly count: (done: number, total: number) => void;
  /** What the run waits for, and until when (milliseconds since 1970). */
  readonly wait: (why: string, until: number) => void;
}

/** @param lines  where lines go that stay
 *  @param last  where the last line goes, when it is a terminal
 *  @param now  milliseconds since 1970 */
export function createProgressLine(
  lines: Pick<NodeJS.WriteStream, 'write'>,
  last: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>,
  now: () => number,
): ProgressLine {
  const start = now();
  let shown = '';
  const clear = () => {
    if (shown !== '') last.write('\r\u001b[2K');
  };
  const show = (text: string) => {
    if (!last.isTTY) return;
    clear();
    last.write(text);
    shown = text;
  };
  return {
    tell: (line) => {
      clear();
      lines.write(`${forPerson(line)}\n`);
      if (shown !== '') last.write(shown);
    },
    count: (done, total) => {
      const seconds = (now() - start) / 1000;
      if (done === total) {
        clear();
        shown = '';
      } else if (done > 0 && total > 1)
        show(`${String(done)} of ${String(total)}, ${((done / seconds) * 60).toFixed(0)} a minute`);
    },
    wait: (why, until) => {
      const text = forPerson(`waiting until ${new Date(until).toISOString().slice(11, 19)} UTC: ${why}`);
      if (last.isTTY) show(text);
      else last.write(`${text}\n`);
    },
  };
}
