import { posix } from 'node:path';

/** What a page has that a reader can do nothing with: links that lead nowhere, and parts that nobody has filled in.
 *  @param pages  texts by path from the project root
 *  @param isThere  whether a file or folder exists, by path from the project root */
export function pageFaults(
  pages: ReadonlyMap<string, string>,
  isThere: (path: string) => boolean,
): readonly string[] {
  return [...pages].flatMap(([path, text]) => [
    ...deadLinks(path, pages, isThere),
    ...placeholders(text).map(
      ({ line, what }) => `${path}:${String(line)} ${what}: fill it in, or remove it.`,
    ),
  ]);
}

function deadLinks(
  path: string,
  pages: ReadonlyMap<string, string>,
  isThere: (path: string) => boolean,
): readonly string[] {
  return linesIn(pages.get(path) ?? '').flatMap(({ line, prose }) =>
    [...prose.matchAll(/\]\(<?([^\s()<>]+)>?\)|^\[[^\]]+\]: (\S+)/g)].flatMap(([, inline, listed]) => {
      const link = inline ?? listed ?? '';
      if (/^[a-z][a-z+.-]*:/.test(link)) return [];
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : posix.join(posix.dirname(path), decodeURI(file));
      const text = pages.get(target);
      if (text === undefined && !isThere(target.replace(/\/$/, '')))
        return [`${path}:${String(line)} links to ${link}, which does not exist.`];
      if (anchor === undefined || text === undefined || anchorsIn(text).has(anchor)) return [];
      return [`${path}:${String(line)} links to ${link}, but ${target} has no such heading.`];
    }),
  );
}

/** As GitHub makes them of headings; the second of the same text gets `-1`.
 *  @see https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links */
function anchorsIn(text: string): ReadonlySet<string> {
  const found = new Map<string, number>();
  const anchors = linesIn(text).flatMap(({ whole }) => {
    const heading = /^#{1,6} +(.*?) *#*$/.exec(whole)?.[1];
    if (heading === undefined) return [];
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const slug = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    const count = found.get(slug) ?? 0;
    found.set(slug, count + 1);
    return [count === 0 ? slug : `${slug}-${String(count)}`];
  });
  return new Set(anchors);
}

function placeholders(text: string): readonly { readonly line: number; readonly what: string }[] {
  return linesIn(text).flatMap(({ line, prose }) => {
    // A name in capitals is Istio's or Envoy's, unless a whole line or cell is nothing else.
    const alone = /^\s*\|?\s*([A-Z]+_[A-Z_]+)\s*(?:\||$)/.exec(prose)?.[1];
    const word = alone ?? /\b(?:TODO|TBD|FIXME|XXX|PLACEHOLDER|[Ll]orem ipsum)\b|\?\?\?/.exec(prose)?.[0];
    if (word !== undefined) return [{ line, what: `says ${word}` }];
    const cells = /^\s*\|(.*)\|\s*$/
      .exec(prose)?.[1]
      ?.split('|')
      .map((cell) => cell.trim());
    const isEmpty = cells !== undefined && cells.slice(1).every((cell) => cell === '') && cells.length > 1;
    return isEmpty ? [{ line, what: 'has a row without values' }] : [];
  });
}

/** Lines outside of code blocks, whole and without what is in backticks. */
function linesIn(
  text: string,
): readonly { readonly line: number; readonly whole: string; readonly prose: string }[] {
  let fence: string | undefined;
  return text.split('\n').flatMap((whole, index) => {
    const mark = /^ {0,3}(```+|~~~+)/.exec(whole)?.[1];
    if (fence !== undefined) {
      if (mark?.startsWith(fence) === true) fence = undefined;
      return [];
    }
    if (mark !== undefined) {
      fence = mark;
      return [];
    }
    if (/^(?: {4}|\t)/.test(whole)) return [];
    const prose = whole.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '`code`').replace(/\\([_*])/g, '');
    return [{ line: index + 1, whole, prose }];
  });
}
