import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  commitLine,
  forJson,
  forLog,
  forPerson,
  markdown,
  markdownCell,
  markdownCode,
  mermaid,
  oneLine,
  sarif,
  visible,
  workflowData,
  workflowProperty,
} from '../../src/model/quoted.ts';
import { runs } from '../sampling.ts';
import { texts, type Place } from './texts.ts';

/** Unicode's own classes, not ours. */
const hidden = /[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/u;
/** But for what chooses the form of the character before it. */
const isSeen = (text: string) => !hidden.test(text.replace(/[\n\t\ufe00-\ufe0f\u180b-\u180d\u180f]/g, ''));

/** As the runner reads a line of the log.
 *  @see https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs */
const isCommand = (line: string) => line.trimStart().startsWith('::') || line.includes('##[');
const hasCommand = (text: string) => text.split(/\r\n|\r|\n/).some(isCommand);

/** What a mention, a reference, a link or a keyword of GitHub's needs. */
const live = /@[\w-]|#\d|\bGH-\d|\w:\/\/|\bwww\.\w/i;
const isInert = (text: string) => !live.test(text) && !/[\r\n]/.test(text);
/** Without what a backslash takes the meaning from. */
const unescaped = (text: string) => text.replace(/\\[!-/:-@[-`{-~]/g, '');
/** Spans of code, which can hold anything. */
const outsideOfCode = (text: string) => text.replace(/(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, '');

function isCode(text: string): boolean {
  return outsideOfCode(text) === '' && !/[\r\n]/.test(text);
}

const judges: Readonly<Record<Place, (text: string) => void>> = {
  terminal(text) {
    for (const shown of [visible(text), forPerson(text).replace(/\u001b\[(?:[0-2]|22|3[1236]|39)m/g, '')])
      expect(isSeen(shown), JSON.stringify(shown)).toBe(true);
    expect(hasCommand(forPerson(text))).toBe(false);
    expect(oneLine(text)).not.toMatch(/[\n\t]/);
  },
  log: (text) => {
    expect(hasCommand(forLog(text))).toBe(false);
    expect(hasCommand(`x\n${forLog(`  ${text}\n`)}`)).toBe(false);
  },
  markdown(text) {
    expect(isSeen(markdown(text).replaceAll('\u200b', ''))).toBe(true);
    const rest = outsideOfCode(unescaped(markdown(text)));
    expect(isInert(rest), rest).toBe(true);
    expect(rest).not.toMatch(/[<>[\]*|~&]/);
    expect(isCode(markdownCode(text)), markdownCode(text)).toBe(true);
    const cell = markdownCell(text);
    expect(isCode(cell.replaceAll('\\|', '|'))).toBe(true);
    expect(cell.replaceAll('\\|', '')).not.toContain('|');
  },
  commit(text) {
    const line = `- ${commitLine(text)}`;
    expect(isInert(line), line).toBe(true);
    const message = `Join shop\n\n${line}\n\nMeshwright-Target: shop@lab joined\n`;
    const trailers = execFileSync('git', ['interpret-trailers', '--parse'], {
      input: message,
      encoding: 'utf8',
    });
    expect(trailers).toBe('Meshwright-Target: shop@lab joined\n');
  },
  mermaid: (text) => {
    expect(mermaid(text)).toMatch(/^[A-Za-z0-9 ._+@/-]*$/);
  },
  sarif: (text) => {
    expect(isSeen(sarif(text))).toBe(true);
    expect(unescaped(sarif(text))).not.toMatch(/\[[^[\]]*\]\(/);
  },
  json(text) {
    const json = forJson(JSON.stringify({ [text]: text }));
    expect(isSeen(json)).toBe(true);
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ [text]: text })));
  },
  workflow(text) {
    const line = `::error file=${workflowProperty(text)},line=1::${workflowData(text)}`;
    expect(line).not.toMatch(/[\r\n]/);
    const [, properties = ''] = /^::error ([^:]*)::/.exec(line) ?? [];
    expect(properties.split(',')).toHaveLength(2);
    expect(properties.split(',')[1]).toBe('line=1');
    expect(isSeen(line)).toBe(true);
  },
};

const rows = texts.flatMap(([name, text, places]) => places.map((place) => [place, name, text] as const));

describe('texts of others', () => {
  it.each(rows)('in %s: %s', (place, _, text) => {
    judges[place](text);
  });

  const pieces = fc
    .array(
      fc.oneof(
        fc.constantFrom(...texts.map(([, text]) => text)),
        fc.string({ unit: 'binary', maxLength: 6 }),
      ),
      {
        maxLength: 5,
      },
    )
    .map((parts) => parts.join(''));

  it.each(Object.keys(judges) as Place[])('in %s, joined at random', (place) => {
    const most = place === 'commit' ? runs(40, 10) : runs(2000, 300);
    fc.assert(fc.property(pieces, judges[place]), { numRuns: most });
  });

  it('leave the pull request’s address a link', () => {
    expect(markdown('https://github.com/acme/shop/pull/1')).toBe('https://github.com/acme/shop/pull/1');
  });
});
