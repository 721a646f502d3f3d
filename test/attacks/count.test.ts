import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { texts } from './texts.ts';

const script = fileURLToPath(new URL('count.mjs', import.meta.url));
const page = readFileSync(new URL('../../docs/SECURITY.md', import.meta.url), 'utf8');
const rows = (text: string) =>
  text
    .split('\n')
    .filter((line) => /\| +\d+ \|/.test(line))
    .map((line) => line.replace(/ +/g, ' ').trim());

it('docs/SECURITY.md counts the attacks that are tried', () => {
  const counted = rows(execFileSync(process.execPath, [script], { encoding: 'utf8' }));
  const [, shown = ''] = /<!-- attacks -->([^]*)<!-- \/attacks -->/.exec(page) ?? [];

  expect(rows(shown)).toEqual(counted);
  expect(Number(/\| all \| \| (\d+)/.exec(counted.at(-1) ?? '')?.[1])).toBeGreaterThanOrEqual(300);
  expect(counted[0]).toContain(`| ${String(texts.reduce((sum, [, , at]) => sum + at.length, 0))} |`);
});
