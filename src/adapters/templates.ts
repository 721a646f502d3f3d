import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TemplateTexts } from '../model/bundle.ts';
import { failure, success, type Outcome } from '../model/problem.ts';

/** The templates of the package: today's, or those of an earlier version (in `versions/`, with today's text for pull
 *  requests).
 *  @param builtIn  the package's folder
 *  @returns problem `templates-no-version` */
export async function readTemplates(
  builtIn: string,
  version: string | undefined,
): Promise<Outcome<TemplateTexts>> {
  const texts = await textsIn(builtIn);
  const changelog = await readFile(join(builtIn, 'CHANGELOG.md'), 'utf8');
  const set: TemplateTexts = { source: 'built-in', texts, changelog };
  const known = [...changelog.matchAll(/^## (\d\S*)/gm)].map(([, each]) => each ?? '');
  if (version === undefined || version === known[0]) return success(set);
  if (!known.includes(version))
    return failure({
      rule: 'templates-no-version',
      severity: 'error',
      message: `There is no version ${version} of the built-in templates.`,
      fix: `Use one of ${known.join(', ')}.`,
    });
  const earlier = await textsIn(join(builtIn, 'versions', version));
  const then = changelog.slice(changelog.indexOf(`## ${version}`));
  return success({ ...set, texts: new Map([...texts, ...earlier]), changelog: then });
}

async function textsIn(folder: string): Promise<Map<string, string>> {
  const names = (await namesIn(folder)).filter((name) => !name.startsWith('versions/'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return new Map(names.map((name, index) => [name, texts[index] ?? '']));
}

/** Template files below a folder, links left out, by relative name with `/`. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.hbs'))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length).replaceAll('\\', '/'))
    .sort();
}
