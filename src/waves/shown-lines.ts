/** A line of a comment, and whether whoever reads the rendered page sees it as the author's own words. */
interface ShownLine {
  readonly text: string;
  /** `hidden`: inside a quotation, code or an HTML comment. `doubtful`: only a whole Markdown parser could tell. */
  readonly as: 'shown' | 'hidden' | 'doubtful';
}

const item = String.raw`(?:[-+*]|\d{1,9}[.)])`;
const fenceStart = new RegExp(String.raw`^([ \t>]*(?:${item}[ \t]+)*)(\`{3,}|~{3,})(.*)$`);
const itemStart = new RegExp(String.raw`^ {0,3}${item}(?:[ \t]|$)`);
/** A tag, the start of a comment, a declaration; not an address in angle brackets. */
const markup = /<(?!https?:|mailto:)[A-Za-z/!?]/;

/** What GitHub shows of a comment in Markdown, line by line. Follows the blocks of CommonMark that can hide a line: quotations
 *  with their lazy continuation, fenced and indented code, HTML comments. A line is doubtful inside a list, after an HTML tag,
 *  and below a line of the same paragraph that may have begun code, a link or a tag. Takes time linear in the text.
 *  @see https://spec.commonmark.org/0.31.2/#container-blocks-and-leaf-blocks */
export function shownLines(markdown: string): readonly ShownLine[] {
  const lines: ShownLine[] = [];
  let fence: { readonly mark: string; readonly as: 'hidden' | 'doubtful' } | undefined;
  let block: 'none' | 'paragraph' | 'doubtful' | 'quote' | 'list' | 'comment' = 'none';
  let hasMarkup = false;
  for (const text of markdown.split(/\r\n|\n|\r/)) {
    const isEmpty = text.trim() === '';
    const wasEmpty = lines.at(-1)?.text.trim() === '';
    const [, before = '', mark = '', info = ''] = fenceStart.exec(text) ?? [];
    const isFence = mark !== '' && !(mark.startsWith('`') && info.includes('`'));
    let as: ShownLine['as'] = 'hidden';
    if (fence !== undefined) {
      as = fence.as;
      if (/^[ \t>]*(?:`{3,}|~{3,})[ \t]*$/.test(text) && mark.startsWith(fence.mark)) fence = undefined;
    } else if (block === 'comment') {
      if (text.includes('-->')) block = 'none';
    } else if (isFence) {
      const isPlain = /^ {0,3}$/.test(before) && block !== 'list' && block !== 'doubtful' && !hasMarkup;
      fence = { mark, as: isPlain ? 'hidden' : 'doubtful' };
      if (isPlain) block = 'none';
    } else if (isEmpty) {
      // What is indented below a list still belongs to it after an empty line.
      if (block !== 'list') block = 'none';
    } else if (/^ {0,3}<!--/.test(text)) {
      if (!text.includes('-->')) block = 'comment';
    } else if (/^ {0,3}>/.test(text)) block = 'quote';
    else if (block === 'quote') as = 'hidden';
    else if (itemStart.test(text)) {
      block = 'list';
      as = 'doubtful';
    } else if (block === 'list' && !(wasEmpty && /^\S/.test(text))) as = 'doubtful';
    else if (block === 'none' && /^(?: {4}| {0,3}\t)/.test(text)) as = 'hidden';
    else {
      as = block === 'doubtful' ? 'doubtful' : 'shown';
      if (block !== 'doubtful') block = /[`<[~$]/.test(text) ? 'doubtful' : 'paragraph';
    }
    if (as === 'shown' && hasMarkup) as = 'doubtful';
    if (as !== 'hidden' && markup.test(text)) hasMarkup = true;
    lines.push({ text, as });
  }
  return lines;
}
