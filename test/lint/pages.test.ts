import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { rules } from '../../src/lint/all-rules.ts';
import { describeRule } from '../../src/report/rule-page.ts';
import { fixtures } from './fixture.ts';

const pages = fileURLToPath(new URL('../../docs/rules/', import.meta.url));

it('the list of rules names them all', async () => {
  const rows = rules.map(
    ({ id, severity, summary, equivalent }) =>
      `| [${id}](${id}.md) | ${severity} | ${summary.replaceAll('|', '\\|')} | ${equivalent.join(', ')} |`,
  );
  const text = `# Rules\n\n${[`${String(rules.length)} rules, each with a bad and a good example that are its tests.`, ['| rule | severity | finds | the same elsewhere |', '| --- | --- | --- | --- |', ...rows].join('\n')].join('\n\n')}\n`;

  await expect(text).toMatchFileSnapshot(join(pages, 'README.md'));
});

describe.each(rules.map((rule) => [rule.id, rule] as const))('the page of %s', (id, rule) => {
  it('is what the rule and its examples say', async () => {
    await expect(describeRule(rule, example(id, 'bad'), example(id, 'good'))).toMatchFileSnapshot(
      join(pages, `${id}.md`),
    );
  });
});

/** The first example of its kind, without the marks that tests read. */
function example(id: string, kind: 'bad' | 'good'): string {
  const file = join(fixtures, id, `${kind}.yaml`);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : treeText(join(fixtures, id, kind));
  return text.replace(/ *# expect: .*$/gm, '');
}

function treeText(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => `# ${file.slice(folder.length + 1)}\n${readFileSync(file, 'utf8').trimEnd()}\n`)
    .join('---\n');
}
