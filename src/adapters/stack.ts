import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The stack of an error with the files and lines of the source, by the maps beside the built files. Node's own way
 *  (`--enable-source-maps`) reads all maps at the start; this one reads those of a bug, when there is one.
 *  @param home  the package's folder, which places are named from */
export function readableStack(stack: string, home: string): string {
  const maps = new Map<string, SourceMap | undefined>();
  return stack.replace(/file:\/\/[^\s():]+:\d+:\d+/g, (place) => {
    const [, url = '', line = '', column = ''] = /^(.*):(\d+):(\d+)$/.exec(place) ?? [];
    const file = fileURLToPath(url);
    if (!maps.has(file)) maps.set(file, mapOf(file));
    const entry = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !('originalSource' in entry)) return place;
    const source = relative(home, resolve(dirname(file), entry.originalSource)).replaceAll('\\', '/');
    return `${source}:${String(entry.originalLine + 1)}:${String(entry.originalColumn + 1)}`;
  });
}

function mapOf(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMapPayload);
  } catch {
    // A file of Node's, or one that was built without a map.
    return undefined;
  }
}
