// How often a command reads: texts and trees by V8's coverage, git by a `git` in front of git. Counting slows it down, so that
// what a command takes is measured in another run.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** By the names of functions, which the build keeps. */
const counted = { full: 'parseYaml', plain: 'readPlain', trees: 'TreeReader' };

/** @param codes  those that are no failure
 *  @returns texts parsed in full, texts read plainly, trees read, and processes of git */
export function countsOf(args, { codes = [0], env, ...options }) {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-counted-'));
  try {
    const log = join(folder, 'git.log');
    mkdirSync(join(folder, 'bin'));
    const real = spawnSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).stdout.trim();
    writeFileSync(join(folder, 'bin/git'), `#!/bin/sh\necho "$1" >> '${log}'\nexec '${real}' "$@"\n`, {
      mode: 0o755,
    });
    const { status, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      maxBuffer: 1 << 30,
      ...options,
      env: {
        ...env,
        PATH: `${join(folder, 'bin')}:${env.PATH}`,
        NODE_V8_COVERAGE: join(folder, 'coverage'),
      },
    });
    if (!codes.includes(status))
      throw new Error(`${args.join(' ')} ended with ${status}: ${stderr.slice(-2000)}`);
    const functions = readdirSync(join(folder, 'coverage'))
      .flatMap((file) => JSON.parse(readFileSync(join(folder, 'coverage', file), 'utf8')).result)
      .filter(({ url }) => url.includes('/dist/'))
      .flatMap((script) => script.functions);
    const times = (name) =>
      functions
        .filter(({ functionName }) => functionName.replace(/\$\d+$/, '') === name)
        .reduce((sum, { ranges }) => sum + ranges[0].count, 0);
    return {
      ...Object.fromEntries(Object.entries(counted).map(([key, name]) => [key, times(name)])),
      git: existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function described({ full, plain, trees, git }) {
  return `${full} texts in full, ${plain} plainly, ${trees} trees, ${git} git`;
}
