import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TemplateSet } from '../model/bundle.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';

const maxBytes = 256 * 1024;

/** The built-in templates with the user's own in place of those of the same name.
 *  @returns problems `templates-missing`, `templates-unknown`, `templates-too-large` */
export async function readTemplates(
  builtIn: string,
  override: string | undefined,
): Promise<Outcome<TemplateSet>> {
  const templates = new Map<string, string>();
  for (const name of await namesIn(builtIn)) templates.set(name, await readFile(join(builtIn, name), 'utf8'));
  if (override === undefined) return success(templates);
  if ((await stat(override).catch(() => undefined))?.isDirectory() !== true)
    return failure(
      problem(
        'templates-missing',
        `There is no folder ${override}.`,
        'Correct templates in fleet.yaml.',
        override,
      ),
    );
  const problems: Problem[] = [];
  for (const name of await namesIn(override)) {
    const file = join(override, name);
    if (!templates.has(name))
      problems.push(
        problem(
          'templates-unknown',
          `No built-in template is called ${name}.`,
          `Name it like one of ${[...templates.keys()].join(', ')}.`,
          file,
        ),
      );
    else if ((await stat(file)).size > maxBytes)
      problems.push(problem('templates-too-large', `${file} is larger than 256 KiB.`, 'Shorten it.', file));
    else templates.set(name, await readFile(file, 'utf8'));
  }
  return problems.length > 0 ? failure(...problems) : success(templates);
}

/** Template files below a folder, links left out, by relative name with `/`. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.hbs'))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length).replaceAll('\\', '/'))
    .sort();
}

function problem(rule: string, message: string, fix: string, file: string): Problem {
  return { rule, severity: 'error', message, fix, file };
}
