import type { Accepted, LintProblem } from '../model/lint.ts';
import { byLocation } from './lint.ts';

/** `# meshwright: ignore RULE[, RULE]: REASON`, and the lines it applies to. */
interface Suppression {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly rules: readonly string[];
  readonly reason: string;
  readonly from: number;
  readonly to: number;
}

const mark = 'meshwright: ignore';

/** Removes the findings that comments, or Istio's own annotation, suppress. A comment at the end of a line applies to
 *  that line; one on its own line, to everything indented below it; one above the first key of a document, to the
 *  document. A comment needs a reason, and is reported if it suppresses nothing.
 *  @param texts  the files, by the name that problems have
 *  @param rules  every rule there is
 *  @see https://istio.io/latest/docs/reference/config/annotations/ galley.istio.io/analyze-suppress */
export function suppress(
  problems: readonly LintProblem[],
  texts: ReadonlyMap<string, string>,
  rules: ReadonlySet<string>,
): { readonly problems: readonly LintProblem[]; readonly accepted: readonly Accepted[] } {
  const left: LintProblem[] = [];
  const accepted: Accepted[] = [];
  const suppressions = new Map<string, readonly Suppression[]>();
  for (const [file, text] of texts)
    if (text.includes(mark)) suppressions.set(file, suppressionsIn(text, file));
  const used = new Set<Suppression>();
  for (const problem of problems) {
    const comment = suppressions.get(problem.file ?? '')?.find((each) => appliesTo(each, problem));
    if (comment !== undefined) {
      used.add(comment);
      if (comment.reason !== '') {
        accepted.push({ problem, by: 'comment', reason: comment.reason });
        continue;
      }
    }
    if (isAnnotated(problem)) accepted.push({ problem, by: 'annotation', reason: undefined });
    else left.push(problem);
  }
  for (const comment of [...suppressions.values()].flat())
    left.push(...complaints(comment, rules, used.has(comment)));
  return { problems: left.sort(byLocation), accepted };
}

function appliesTo({ rules, from, to }: Suppression, { rule, line = 0 }: LintProblem): boolean {
  return rules.includes(rule) && line >= from && line <= to;
}

function isAnnotated({ suppressedBy = '', equivalent = [], rule }: LintProblem): boolean {
  const codes = suppressedBy.split(',').map((code) => code.trim());
  return codes.some((code) => code === '*' || code === rule || equivalent.includes(code));
}

function complaints(
  { file, line, column, rules: named, reason }: Suppression,
  rules: ReadonlySet<string>,
  isUsed: boolean,
): readonly LintProblem[] {
  const at = { file, line, column, endLine: line, endColumn: column + mark.length };
  const unknown = named.filter((rule) => !rules.has(rule));
  if (unknown.length > 0)
    return [
      {
        rule: 'suppression-unknown-rule',
        severity: 'warning',
        message: `${unknown.length === 1 ? 'The rule' : 'The rules'} "${unknown.join('", "')}" ${unknown.length === 1 ? 'does' : 'do'} not exist, so the comment has no effect there.`,
        fix: 'Use the rule name that the findings show.',
        ...at,
      },
    ];
  if (!isUsed)
    return [
      {
        rule: 'suppression-unused',
        severity: 'info',
        message: `The comment ignores ${named.join(', ')}, but there is no such finding here.`,
        fix: 'Remove the comment.',
        ...at,
      },
    ];
  if (reason !== '') return [];
  return [
    {
      rule: 'suppression-without-reason',
      severity: 'warning',
      message: 'The comment gives no reason, so it ignores nothing.',
      fix: `Write it as "# ${mark} ${named.join(', ')}: why this is fine".`,
      ...at,
    },
  ];
}

function suppressionsIn(text: string, file: string): readonly Suppression[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index): Suppression[] => {
    const at = line.indexOf(mark);
    const hash = at < 0 ? -1 : line.lastIndexOf('#', at);
    if (hash < 0 || line.slice(hash + 1, at).trim() !== '') return [];
    const said = line.slice(at + mark.length);
    const colon = said.indexOf(':');
    const rules = (colon < 0 ? said : said.slice(0, colon)).split(',').map((rule) => rule.trim());
    const number = index + 1;
    const isAlone = line.slice(0, hash).trim() === '';
    return [
      {
        file,
        line: number,
        column: hash + 1,
        rules: rules.filter((rule) => rule !== ''),
        reason: colon < 0 ? '' : said.slice(colon + 1).trim(),
        ...(isAlone ? blockBelow(lines, index) : { from: number, to: number }),
      },
    ];
  });
}

/** The lines below a comment that it applies to: the first one, and those that are indented deeper. */
function blockBelow(
  lines: readonly string[],
  comment: number,
): { readonly from: number; readonly to: number } {
  const start = lines.findIndex((line, index) => index > comment && !isBlank(line));
  if (start < 0) return { from: 0, to: 0 };
  const isHead = isDocumentHead(lines, start);
  const depth = indentOf(lines[start] ?? '');
  let end = start;
  for (let at = start + 1; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (/^(---|\.\.\.)/.test(line)) break;
    if (isBlank(line)) continue;
    if (
      !isHead &&
      indentOf(line) <= depth &&
      !(indentOf(line) === depth && isItemBelow(lines[start] ?? '', line))
    )
      break;
    end = at;
  }
  return { from: start + 1, to: end + 1 };
}

/** A list may have the same indentation as its key. */
function isItemBelow(first: string, line: string): boolean {
  return !first.trimStart().startsWith('-') && line.trimStart().startsWith('- ');
}

function isDocumentHead(lines: readonly string[], start: number): boolean {
  if (indentOf(lines[start] ?? '') > 0) return false;
  for (let at = start - 1; at >= 0; at--) {
    const line = lines[at] ?? '';
    if (line.startsWith('---')) return true;
    if (!isBlank(line)) return false;
  }
  return true;
}

function isBlank(line: string): boolean {
  const text = line.trim();
  return text === '' || text.startsWith('#');
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
