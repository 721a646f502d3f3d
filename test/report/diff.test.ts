import { applyPatch } from 'diff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RepoPath } from '../../src/model/named.ts';
import type { FileChange } from '../../src/model/snapshot.ts';
import { describeDiffs, unifiedDiff } from '../../src/report/diff.ts';
import { paint } from '../../src/report/paint.ts';

const change = (before: string | undefined, after: string): FileChange => ({
  path: 'deploy/app.yaml' as RepoPath,
  before,
  after,
});

describe('a diff', () => {
  it('shows a changed line with three lines around it', () => {
    expect(unifiedDiff(change('1\n2\n3\n4\n5\n6\n7\n8\n9\n', '1\n2\n3\n4\nfive\n6\n7\n8\n9\n'))).toBe(
      `diff --git a/deploy/app.yaml b/deploy/app.yaml
--- a/deploy/app.yaml
+++ b/deploy/app.yaml
@@ -2,7 +2,7 @@
 2
 3
 4
-5
+five
 6
 7
 8
`,
    );
  });

  it('shows a new file as git does', () => {
    expect(unifiedDiff(change(undefined, 'kind: Sidecar\n'))).toBe(
      `diff --git a/deploy/app.yaml b/deploy/app.yaml
new file mode 100644
--- /dev/null
+++ b/deploy/app.yaml
@@ -0,0 +1,1 @@
+kind: Sidecar
`,
    );
  });

  it('says where a file has no final newline', () => {
    expect(unifiedDiff(change('a: 1', 'a: 2\n'))).toContain('-a: 1\n\\ No newline at end of file\n+a: 2\n');
  });

  it('applied to the old text gives the new text, whatever the lines and line ends are', () => {
    const line = fc.constantFrom(
      'a: 1',
      'b: 2',
      '',
      '- x',
      '+ y',
      '---',
      '@@ -1 +1 @@',
      '\\ No newline',
      'ü',
    );
    const text = fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { maxLength: 12 })
      .chain((lines) =>
        fc.constantFrom('', 'end').map((end) => lines.map((each) => each.join('')).join('') + end),
      );

    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after);

        expect(
          applyPatch(before, unifiedDiff(change(before, after)), { autoConvertLineEndings: false }),
        ).toBe(after);
      }),
    );
  });

  it('on the terminal is green and red, with carriage returns made visible', () => {
    const text = describeDiffs([change('a: 1\r\n', 'a: 2\r\n')], paint(true, true));

    expect(text).toContain('\u001b[31m-a: 1^M\u001b[39m\n\u001b[32m+a: 2^M\u001b[39m\n');
    expect(describeDiffs([change('a: 1\n', 'a: 2\n')], paint(false, true))).not.toContain('\u001b');
  });

  it('for a program keeps the bytes', () => {
    const crlf = change('a: 1\r\n', 'a: 2\r\n');

    expect(describeDiffs([crlf], paint(false, false))).toBe(unifiedDiff(crlf));
  });

  it('on the terminal lets no text of a file act on it', () => {
    expect(describeDiffs([change(undefined, 'a: "\u001b[2J"\n')], paint(false, true))).toContain(
      '+a: "\\u001b[2J"',
    );
  });

  it('on the terminal folds the lock, which a pipe gets whole', () => {
    const lock = {
      ...change('a: 1\nb: 1\n', 'a: 2\nb: 1\n'),
      path: '.meshwright/shop@lab.lock.yaml' as RepoPath,
    };

    expect(describeDiffs([lock], paint(false, true))).toBe(
      '# .meshwright/shop@lab.lock.yaml: 2 lines, generated (a pipe shows them)\n',
    );
    expect(describeDiffs([lock], paint(false, false))).toBe(unifiedDiff(lock));
  });
});
