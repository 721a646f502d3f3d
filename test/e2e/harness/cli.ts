import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cliFile = fileURLToPath(new URL('../../../dist/src/cli.js', import.meta.url));

/** Runs the built CLI to its end, without a terminal. */
export function meshwright(
  args: readonly string[],
  options: { readonly cwd: string; readonly environment?: Readonly<Record<string, string>> },
): { readonly code: number; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cliFile, ...args], {
    cwd: options.cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH: process.env.PATH, HOME: options.cwd, ...options.environment },
  });
  return { code: status ?? -1, stdout, stderr };
}
