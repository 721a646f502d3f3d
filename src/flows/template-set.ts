import type { TemplateTexts } from '../model/bundle.ts';
import type { RepoPath } from '../model/named.ts';
import type { Tree } from '../model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { isBelow, joinRepoPath } from '../model/repo-path.ts';

const maxLength = 256 * 1024;

/** A set of the user's own: its templates in place of the built-in ones of the same name.
 *  @param source  how locks and messages name it
 *  @param directory  where in the tree it lies
 *  @returns problems `templates-missing`, `templates-unknown`, `templates-too-large` */
export async function readTemplateSet(
  tree: Tree,
  directory: RepoPath,
  source: string,
  builtIn: TemplateTexts,
): Promise<Outcome<TemplateTexts>> {
  const all = [...tree.snapshot.paths].filter((path) => isBelow(path, directory));
  const nameOf = (path: RepoPath) => (directory === '' ? path : path.slice(directory.length + 1));
  const templates = all.filter((path) => path.endsWith('.hbs'));
  const changelog = joinRepoPath(directory, 'CHANGELOG.md');
  const hasChangelog = changelog !== undefined && all.includes(changelog);
  if (templates.length === 0)
    return failure({
      rule: 'templates-missing',
      severity: 'error',
      message: `${source} contains no templates (*.hbs).`,
      fix: 'Correct templates in fleet.yaml.',
      file: source,
    });
  const read = await tree.read(hasChangelog ? [...templates, changelog] : templates);
  if (!read.ok) return read;
  const texts = new Map(builtIn.texts);
  const problems: Problem[] = [];
  for (const path of templates) {
    const text = read.value.files.get(path);
    const name = nameOf(path);
    const wrong = wrongWith(name, text, builtIn);
    if (wrong !== undefined) problems.push({ ...wrong, severity: 'error', file: `${source}/${name}` });
    else if (text !== undefined) texts.set(name, text);
  }
  if (problems.length > 0) return failure(...problems);
  return success({
    source,
    texts,
    changelog: hasChangelog ? (read.value.files.get(changelog) ?? '') : '',
  });
}

function wrongWith(
  name: string,
  text: string | undefined,
  builtIn: TemplateTexts,
): Pick<Problem, 'rule' | 'message' | 'fix'> | undefined {
  if (!builtIn.texts.has(name))
    return {
      rule: 'templates-unknown',
      message: `No built-in template is called ${name}.`,
      fix: `Use the name of a built-in template: ${[...builtIn.texts.keys()].join(', ')}.`,
    };
  if (text !== undefined && text.length <= maxLength) return undefined;
  return {
    rule: 'templates-too-large',
    message: `${name} is not text, or is larger than 256 KiB.`,
    fix: 'Shorten it.',
  };
}
