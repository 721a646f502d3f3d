import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/model/problem.ts';
import { visible } from '../../src/model/quoted.ts';
import { paint } from '../../src/report/paint.ts';
import { countProblems, describeProblems } from '../../src/report/problems.ts';

const plain = paint(false, true);
const describeProblem = (problem: Problem, colours = plain) => describeProblems([problem], colours);

const whole: Problem = {
  rule: 'tls-without-mode',
  severity: 'error',
  message: 'The "tls" block has no "mode": Istio reads that as DISABLE and sends plaintext.',
  fix: 'Set mode: ISTIO_MUTUAL, or delete "tls".',
  file: 'overlays/prod/istio-destinationrule.yaml',
  line: 7,
  column: 5,
  see: 'https://istio.io/latest/docs/reference/config/networking/destination-rule/',
};

describe('a problem on the terminal', () => {
  it('says what and where, then the message, the fix and the source', () => {
    expect(describeProblem(whole)).toBe(
      `error tls-without-mode at overlays/prod/istio-destinationrule.yaml:7:5
  The "tls" block has no "mode": Istio reads that as DISABLE and sends plaintext.
  fix  Set mode: ISTIO_MUTUAL, or delete "tls".
  see  https://istio.io/latest/docs/reference/config/networking/destination-rule/
`,
    );
  });

  it('leaves out what is not known', () => {
    expect(describeProblem({ rule: 'target-none', severity: 'error', message: 'None.' })).toBe(
      'error target-none\n  None.\n',
    );
  });

  it('names the repository of a file that lives in one', () => {
    const [head] = describeProblem({ ...whole, repository: 'acme/shop' }).split('\n');

    expect(head).toBe('error tls-without-mode at acme/shop overlays/prod/istio-destinationrule.yaml:7:5');
  });

  it('colours the severity only when colours are wanted', () => {
    expect(describeProblem(whole, paint(true, true))).toContain('\u001b[31merror\u001b[39m');
    expect(describeProblem(whole)).not.toContain('\u001b');
  });

  it('cannot act on the terminal, whatever a repository calls its files', () => {
    const hostile = '\u001b]0;owned\u0007\u009b2J\u202e';
    const text = describeProblem({
      ...whole,
      file: hostile,
      message: hostile,
      fix: hostile,
      see: hostile,
      repository: hostile,
    });

    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(text).toContain('\\u001b]0;owned\\u0007');
  });

  it('shows a carriage return as ^M and keeps tabs and letters of every script', () => {
    expect(visible('a\tb\r\nção 日本\r')).toBe('a\tb^M\nção 日本^M');
  });
});

describe('the problems of a run', () => {
  const of = (severity: Problem['severity'], rule: string): Problem => ({ rule, severity, message: 'x' });

  it('come errors first, an empty line between them', () => {
    const text = describeProblems([of('info', 'c'), of('error', 'a'), of('warning', 'b')], plain);

    expect(text).toBe('error a\n  x\n\nwarning b\n  x\n\ninfo c\n  x\n');
  });

  it('are counted in words', () => {
    expect(countProblems([of('error', 'a'), of('error', 'b'), of('warning', 'c'), of('info', 'd')])).toBe(
      '2 errors, 1 warning, 1 note',
    );
    expect(countProblems([])).toBe('');
  });
});
