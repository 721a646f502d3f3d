import { structuredPatch } from 'diff';
import type { FileChange } from '../model/snapshot.ts';
import { visible } from '../model/quoted.ts';
import type { Paint } from './paint.ts';

/** A unified diff of one file, as `git apply` takes it. */
export function unifiedDiff({ path, before, after }: FileChange): string {
  const { hunks } = structuredPatch(path, path, before ?? '', after ?? '', undefined, undefined, {
    context: 3,
  });
  const lines = [
    `diff --git a/${path} b/${path}`,
    ...(before === undefined ? ['new file mode 100644'] : []),
    ...(after === undefined ? ['deleted file mode 100644'] : []),
    before === undefined ? '--- /dev/null' : `--- a/${path}`,
    after === undefined ? '+++ /dev/null' : `+++ b/${path}`,
  ];
  for (const { oldStart, oldLines, newStart, newLines, lines: content } of hunks) {
    lines.push(`@@ -${rangeOf(oldStart, oldLines)} +${rangeOf(newStart, newLines)} @@`, ...content);
  }
  return `${lines.join('\n')}\n`;
}

/** A range without lines is named by the line before it. */
function rangeOf(start: number, lines: number): string {
  return `${String(lines === 0 ? start - 1 : start)},${String(lines)}`;
}

/** The diffs for a person: coloured, and on a terminal with control characters made visible and Meshwright's own
 *  bookkeeping folded, as GitHub does. */
export function describeDiffs(changes: readonly FileChange[], colours: Paint): string {
  return changes
    .map((change) => {
      const lines = unifiedDiff(change).split('\n').slice(0, -1);
      if (colours.isTerminal && change.path.startsWith('.meshwright/'))
        return folded(change.path, lines, colours);
      return lines
        .map((line) => `${colourOf(line, colours)(colours.isTerminal ? visible(line) : line)}\n`)
        .join('');
    })
    .join('');
}

function folded(path: string, lines: readonly string[], colours: Paint): string {
  const count = lines.filter((line) => /^[+-](?!\+\+ |-- )/.test(line)).length;
  return `${colours.dim(`# ${path}: ${String(count)} ${count === 1 ? 'line' : 'lines'}, generated (a pipe shows them)`)}\n`;
}

function colourOf(line: string, colours: Paint): (text: string) => string {
  if (/^(?:diff --git|new file|deleted file|---|\+\+\+) /.test(line)) return colours.bold;
  if (line.startsWith('@@')) return colours.cyan;
  if (line.startsWith('+')) return colours.green;
  if (line.startsWith('-')) return colours.red;
  return (text) => text;
}
