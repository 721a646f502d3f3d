import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileTemplate } from '../../src/bundle/compile-template.ts';
import { withCompiler } from '../../src/bundle/compiler.ts';
import type { TemplateSet } from '../../src/model/bundle.ts';

const folder = fileURLToPath(new URL('../../templates/', import.meta.url));

const changelog = readFileSync(`${folder}CHANGELOG.md`, 'utf8');

function textsIn(root: string): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.hbs') && !name.startsWith('versions'))
      .map((name) => [name.replaceAll('\\', '/'), readFileSync(`${root}${name}`, 'utf8')] as const),
  );
}

/** The templates that the package ships. */
export const templates = await withCompiler({ source: 'built-in', texts: textsIn(folder), changelog });

/** The first version of them. */
export const firstTemplates = await withCompiler({
  source: 'built-in',
  texts: new Map([...templates.texts, ...textsIn(`${folder}versions/1.0.0/`)]),
  changelog: changelog.slice(changelog.indexOf('## 1.0.0')),
});

/** The package's templates with some texts changed. */
export function templatesWith(changes: Readonly<Record<string, (text: string) => string>>): TemplateSet {
  const texts = new Map(templates.texts);
  for (const [name, change] of Object.entries(changes)) texts.set(name, change(texts.get(name) ?? ''));
  return {
    ...templates,
    texts,
    changelog: `## 2.0.0\n\n- Another one.\n\n${changelog}`,
    compile: compileTemplate,
  };
}
