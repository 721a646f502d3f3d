import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { versions } from './harness/api-server.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const workflows = join(root, '.github/workflows');
const actionlint = join(root, `.cache/judges/actionlint-${versions.actionlint}/actionlint`);

/** What actionlint says of a workflow. */
function saysOf(text: string): string {
  const { stdout, status } = spawnSync(actionlint, ['-no-color', '-'], {
    input: text,
    encoding: 'utf8',
    cwd: root,
  });
  expect([0, 1]).toContain(status);
  return stdout;
}

describe('actionlint', () => {
  it.each(readdirSync(workflows))('finds nothing in %s', (name) => {
    expect(saysOf(readFileSync(join(workflows, name), 'utf8'))).toBe('');
  });

  it('finds nothing in the workflow that docs/WAVES.md shows', () => {
    const page = readFileSync(join(root, 'docs/WAVES.md'), 'utf8');
    const shown = /^ {4}name: Waves\n(?:(?: {4}.*)?\n)*/m.exec(page)?.[0].replace(/^ {4}/gm, '') ?? '';

    expect(shown).toContain('uses: meshwright/meshwright/.github/workflows/waves.yml@main');
    expect(saysOf(shown)).toBe('');
  });

  it('is awake: it sees a mistake in the workflow for waves', () => {
    const text = readFileSync(join(workflows, 'waves.yml'), 'utf8');

    expect(saysOf(text.replace('needs.plan.outputs.matrix', 'needs.plan.outputs.matirx'))).toContain(
      'matirx',
    );
    expect(saysOf(text.replace('fail-fast: false', 'fail-fst: false'))).toContain('fail-fst');
  });
});
