import { appendFile, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { failure, success, type Outcome } from '../model/problem.ts';
import { shellCommand } from '../model/shell.ts';
import { makeFolder } from './folders.ts';
import { GitError, GitRunner } from './git-run.ts';

const patterns = ['*.yaml', '*.yml'];

/** Makes git merge YAML files with `meshwright merge` in the clone that holds `directory`; run again, it changes nothing.
 *  The attributes go to the clone's own file, so that nobody else's git meets a driver it does not have.
 *  @param cli  path of the command-line program
 *  @see https://git-scm.com/docs/gitattributes#_defining_a_custom_merge_driver */
export async function installMergeDriver(
  directory: string,
  cli: string,
): Promise<Outcome<{ readonly command: string; readonly attributes: string }>> {
  const git = new GitRunner(directory, 'checkout');
  const command = `${shellCommand(process.execPath, cli)} merge %O %A %B --output %A --name %P`;
  try {
    const file = (await git.text(['rev-parse', '--git-path', 'info/attributes'])).trim();
    await git.text(['config', '--local', 'merge.meshwright.name', 'Kubernetes YAML, field by field']);
    await git.text(['config', '--local', 'merge.meshwright.driver', command], { setsDriver: true });
    const attributes = resolve(directory, file);
    const present = await readFile(attributes, 'utf8').catch(() => '');
    const lines = patterns.map((pattern) => `${pattern} merge=meshwright`);
    const missing = lines.filter((line) => !present.split('\n').includes(line));
    if (missing.length > 0) {
      await makeFolder(dirname(attributes));
      const start = present === '' || present.endsWith('\n') ? '' : '\n';
      await appendFile(attributes, `${start}${missing.join('\n')}\n`);
    }
    return success({ command, attributes });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return failure({
      rule: 'merge-driver',
      severity: 'error',
      message: `The merge driver could not be set up in ${directory}: ${error.message}`,
      fix: 'Run it inside a clone.',
    });
  }
}
