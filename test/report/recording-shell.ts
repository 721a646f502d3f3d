import { execFileSync } from 'node:child_process';
import {
  chmodSync,
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

/** Programs that scripts may start, and some that an attacker would. Each notes its arguments and does nothing. */
const programs = ['kubectl', 'flux', 'aws', 'crane', 'skopeo', 'touch', 'id', 'curl', 'rm', 'marker'];

/** What a script started, in order: each program with its arguments. Whatever it writes into its folder is told too.
 *  @param shell  a real one */
export function commandsOf(script: string, shell = 'sh'): readonly (readonly string[])[] {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-script-'));
  try {
    const [bin, work, log] = [join(folder, 'bin'), join(folder, 'work'), join(folder, 'log')];
    mkdirSync(bin);
    mkdirSync(work);
    for (const name of programs) {
      const file = join(bin, name);
      const note = (...words: string[]) => `printf '%s\\0' ${words.join(' ')} >>'${log}'`;
      const lines = ['#!/bin/sh', note('"$#"', name, '"$@"')];
      // Flux' marks are what `kubectl get` is asked for; what `kubectl apply` is given is noted too.
      if (name === 'kubectl')
        lines.push(
          `[ "$1" != get ] || printf 'app flux-system'`,
          `[ "$1" != apply ] || ${note('1', 'stdin', '"$(cat)"')}`,
        );
      writeFileSync(file, `${lines.join('\n')}\n`);
      chmodSync(file, 0o755);
    }
    execFileSync(shell, ['-n'], { input: script });
    execFileSync(shell, [], {
      input: script,
      cwd: work,
      env: { PATH: `${bin}:/usr/bin:/bin`, HOME: work },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    const made = readdirSync(work);
    if (made.length > 0) throw new Error(`the script wrote ${made.join(', ')}`);
    return existsSync(log) ? recordsIn(readFileSync(log, 'utf8')) : [];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function recordsIn(log: string): readonly (readonly string[])[] {
  const words = log.split('\0').slice(0, -1);
  const records: (readonly string[])[] = [];
  for (let at = 0; at < words.length;) {
    const length = Number(words[at]) + 1;
    records.push(words.slice(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return records;
}
