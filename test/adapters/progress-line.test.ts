import { expect, it } from 'vitest';
import { createProgressLine } from '../../src/adapters/progress-line.ts';

/** What is written, told apart by where. */
function streams(isTTY: boolean) {
  const written: string[] = [];
  const to = (name: string) => ({
    isTTY,
    write: (text: string) => written.push(`${name} ${JSON.stringify(text)}`) > 0,
  });
  let now = 0;
  const line = createProgressLine(to('out'), to('err'), () => (now += 1000));
  return { line, written };
}

it('keeps a last line with count and rate below the lines that stay, and takes it away at the end', () => {
  const { line, written } = streams(true);

  line.tell('opened a');
  line.count(1, 3);
  line.tell('opened b');
  line.wait('a limit', Date.parse('2026-11-24T10:00:00Z'));
  line.count(3, 3);

  expect(written).toEqual([
    'out "opened a\\n"',
    'err "1 of 3, 60 a minute"',
    'err "\\r\\u001b[2K"',
    'out "opened b\\n"',
    'err "1 of 3, 60 a minute"',
    'err "\\r\\u001b[2K"',
    'err "waiting until 10:00:00 UTC: a limit"',
    'err "\\r\\u001b[2K"',
  ]);
});

it('writes plain lines where no person looks', () => {
  const { line, written } = streams(false);

  line.tell('opened a');
  line.count(1, 3);
  line.wait('a limit', Date.parse('2026-11-24T10:00:00Z'));

  expect(written).toEqual(['out "opened a\\n"', 'err "waiting until 10:00:00 UTC: a limit\\n"']);
});
