import { lstat, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { failure, success, type Outcome } from '../model/problem.ts';
import { whoElseCanChange } from './ownership.ts';

/** The per-user configuration, `$XDG_CONFIG_HOME/meshwright/config.yaml` or `~/.config/meshwright/config.yaml`; undefined:
 *  there is none. It says where a token may go, so nobody else may be able to write it.
 *  @see https://specifications.freedesktop.org/basedir-spec/latest/
 *  @returns problems `operator-config-not-private`, `operator-config-unreadable` */
export async function readOperatorConfig(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Outcome<{ readonly file: string; readonly text: string } | undefined>> {
  const base = environment.XDG_CONFIG_HOME ?? '';
  const file = join(isAbsolute(base) ? base : join(homedir(), '.config'), 'meshwright', 'config.yaml');
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined) return success(undefined);
  const why = await whoElseCanChange(file);
  if (why !== undefined)
    return failure({
      rule: 'operator-config-not-private',
      severity: 'error',
      message: `${file} was not read: ${why}. It says which host receives the token.`,
      fix: `Set MESHWRIGHT_GITHUB_HOST, or make the file private to you: chmod 600 ${file}`,
      file,
    });
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined) return success({ file, text });
  return failure({
    rule: 'operator-config-unreadable',
    severity: 'error',
    message: `${file} could not be read.`,
    fix: 'Make it a readable file, or remove it.',
    file,
  });
}
