/** Texts of other people, quoted for the place they go to: one function for each place, and no other way there. */

/** What is not seen as what it is: control characters, and those that turn, join or hide what stands around them. A tab and
 *  the end of a line are neither.
 *  @see https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing */
const unseen =
  /(?![\n\t\ufe00-\ufe0f\u180b-\u180d\u180f])[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\ufff9-\ufffb]/gu;

function escaped(character: string): string {
  if (character === '\r') return '^M';
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Text whose characters are all seen; lines stay lines. */
export function visible(text: string): string {
  return text.replace(unseen, escaped);
}

/** Text of one line: a name, a path, a value. */
export function oneLine(text: string): string {
  return visible(text.replaceAll('\n', '\\n').replaceAll('\t', '\\t'));
}

/** What `Paint` may put around a text, and nothing else that begins as it does. */
const ownColour = /\u001b\[(?:0|1|2|22|31|32|33|36|39)m/;
const toTerminal = new RegExp(`(${ownColour.source})|${unseen.source}`, 'gu');

/** Everything that is written for a person: whatever a text holds, it steers neither a terminal nor, in a step of a
 *  workflow, the runner that reads each line of the log. Colours of our own stay.
 *  @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
export function forPerson(text: string): string {
  return forLog(text.replace(toTerminal, (found, own: string | undefined) => own ?? escaped(found)));
}

/** Lines of which none is a command to GitHub's runner: `::name` after any space, `##[name` anywhere.
 *  @see https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs */
export function forLog(text: string): string {
  if (!text.includes('::') && !text.includes('##[')) return text;
  return text.replace(/(^|[\n\r])([^\S\n\r]*)::/g, '$1$2\\u003a:').replaceAll('##[', '#\\u0023[');
}

/** JSON in which nothing is hidden: the same value, other escapes. */
export function forJson(json: string): string {
  return json.replace(unseen, (character) =>
    JSON.stringify(character).slice(1, -1) === character ? asUnits(character) : character,
  );
}

function asUnits(text: string): string {
  return Array.from(
    { length: text.length },
    (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
}

/** What a workflow command says. It does not end the command, nor start another one.
 *  @see https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
export function workflowData(text: string): string {
  return visible(text.replaceAll('\r\n', '\n')).replaceAll('%', '%25').replaceAll('\n', '%0A');
}

/** A property of a workflow command. */
export function workflowProperty(text: string): string {
  return workflowData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Text in Markdown: no markup but plain code spans, no mention, no reference, no link, no line break. */
export function markdown(text: string): string {
  return flowing(text)
    .split(/(`[^`|]+`)/)
    .map((part, index) => (index % 2 === 1 ? part : prose(part)))
    .join('');
}

/** A URL stays one where it is all there is. */
function prose(text: string): string {
  const isUrl = /^https:\/\/[A-Za-z0-9.-]+(?::\d+)?\/[\w./~@%+-]*$/.test(text);
  return inert(text.replace(/[\\`*[\]<>|~&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\$&'), isUrl);
}

/** Without what GitHub makes links, mentions or references of by itself, and closes issues by.
 *  @see https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls */
function inert(text: string, isUrl = false): string {
  const quiet = text
    .replace(/@/g, '@\u200b')
    .replace(/#(?=\d)/g, '#\u200b')
    .replace(/\b(GH-)(?=\d)/gi, '$1\u200b');
  return isUrl ? quiet : quiet.replaceAll('://', ':\u200b//').replace(/\b(www)\./gi, '$1\u200b.');
}

/** Text as inline code, whatever backticks it holds. */
export function markdownCode(text: string): string {
  const clean = flowing(text);
  const longest = Math.max(0, ...[...clean.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest > 0 || clean.trim() === '' ? `${fence} ${clean} ${fence}` : `${fence}${clean}${fence}`;
}

/** Text as inline code in a cell of a table. */
export function markdownCell(text: string): string {
  return markdownCode(text).replaceAll('|', '\\|');
}

function flowing(text: string): string {
  return visible(text.replace(/[\r\n]+/g, ' '));
}

/** A line within a commit message: it ends no line, so that it begins no trailer, and calls nobody. */
export function commitLine(text: string): string {
  return inert(flowing(text));
}

/** A name in a Mermaid chart, whose syntax gives a meaning to most characters.
 *  @see https://mermaid.js.org/syntax/gantt.html */
export function mermaid(text: string): string {
  return text.replace(/[^A-Za-z0-9 ._+@/-]+/g, ' ').trim();
}

/** Text of a SARIF message, in which `[text](place)` would be a link.
 *  @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html 3.11.6 */
export function sarif(text: string): string {
  const shown = visible(text);
  return shown.includes('](') ? shown.replace(/[\\[\]]/g, '\\$&') : shown;
}
