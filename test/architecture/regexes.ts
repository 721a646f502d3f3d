import { createContext, Script } from 'node:vm';
import ts from 'typescript';
import type { SourceFile } from './rules.ts';

/** A regular expression as it is written in a file. */
export interface Written {
  readonly at: string;
  readonly regex: RegExp;
}

export function regexesIn({ path, text }: SourceFile): readonly Written[] {
  const found: Written[] = [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      const regex = new RegExp(node.text.slice(1, end), node.text.slice(end + 1));
      found.push({ at: `${path}:${String(line + 1)}`, regex });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** A text so long that what is linear needs milliseconds for it and what is quadratic minutes: the limit between them is
 *  far from both, however fast or busy the machine is. */
const length = 400_000;
const limitMilliseconds = 4000;
const endings = ['', '\n', '\0', '!', '/', 'x/x'];

/** The text, in short, that a regular expression takes more than linear time for; undefined: none was found. */
export function slowText(regex: RegExp): string | undefined {
  const context = createContext({ regex: new RegExp(regex.source, regex.flags), text: '' });
  const run = new Script('text.replace(regex, "")');
  for (const unit of unitsOf(regex.source))
    for (const ending of endings) {
      const beginning = unit.length > 1 ? '' : '-';
      context.text = beginning + unit.repeat(Math.ceil(length / unit.length)) + ending;
      try {
        run.runInContext(context, { timeout: limitMilliseconds });
      } catch {
        return JSON.stringify(`${unit} … ${ending}`);
      }
    }
  return undefined;
}

/** What a text that is almost a match repeats: each character of a match, and each beginning of one. */
function unitsOf(source: string): ReadonlySet<string> {
  const found = new Set(['\n', ' ', '/', '.', '-', 'a', '0', '{', '$']);
  for (const sample of samplesOf(source)) {
    for (const character of sample) found.add(character);
    for (let end = 2; end <= Math.min(sample.length, 40); end++) found.add(sample.slice(0, end));
    for (let start = 1; start < Math.min(sample.length - 1, 20); start++) found.add(sample.slice(start));
  }
  return found;
}

const escapes: Readonly<Record<string, string>> = {
  d: '0',
  w: 'a',
  s: ' ',
  S: 'x',
  D: 'x',
  W: '-',
  b: '',
  B: '',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Texts that one alternative or another matches, roughly: groups and quantifiers count once. */
function samplesOf(source: string): readonly string[] {
  const samples: string[] = [];
  let sample = '';
  const part =
    /\\(?:p\{[^{}]*\}|u[0-9a-fA-F]{4}|.)|\[(\^?)((?:\\.|[^\]\\])*)\]|\(\?(?:[:=!]|<[=!]|<\w+>)|\{[\d,]+\}|./gsu;
  for (const [token, not, members = ''] of source.matchAll(part)) {
    if (token === '|') {
      samples.push(sample);
      sample = '';
    } else if (members !== '') sample += not === '^' ? outside(members) : inside(members);
    else if (token.startsWith('\\')) sample += escapes[token[1] ?? ''] ?? token.slice(1);
    else if (token === '.') sample += 'a';
    else if (!/^[()*+?^$]|^\{\d/.test(token)) sample += token;
  }
  return [...samples, sample];
}

function inside(members: string): string {
  return members.startsWith('\\') ? (escapes[members[1] ?? ''] ?? members[1] ?? '') : (members[0] ?? '');
}

function outside(members: string): string {
  const pattern = new RegExp(`[^${members}]`);
  return ['a', '=', ' ', '!', '0'].find((each) => pattern.test(each)) ?? '';
}
