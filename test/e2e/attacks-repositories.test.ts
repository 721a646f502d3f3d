import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { repositories, type HostileRepository } from '../attacks/repositories.ts';
import { slice } from '../sampling.ts';
import { application, shell, SmallWorld } from './harness/small-world.ts';

interface Told {
  readonly results: readonly {
    readonly target: string;
    readonly outcome: string;
    readonly problems: readonly { readonly rule: string; readonly severity: string }[];
  }[];
}

const hostile = new Map(slice(repositories, 12).map((each) => [each.name, each]));
const good = ['good-1', 'good-2', 'good-3'];
const world = new SmallWorld([...hostile.keys(), ...good], (name) => filesOf(name, hostile.get(name)));
afterAll(() => {
  world.remove();
});

function filesOf(
  name: string,
  found: HostileRepository | undefined,
): Readonly<Record<string, string | Uint8Array>> {
  const base = application(name);
  if (found === undefined) return base;
  const resources = ['all.yaml', ...(found.resources ?? [])].map((each) => `  - ${each}\n`).join('');
  return {
    ...base,
    'deploy/kustomization.yaml': `namespace: ${name}\nresources:\n${resources}${found.more ?? ''}`,
    ...found.files,
  };
}

/** Writes down how much memory the process took, in KiB. */
const meter = `import{writeFileSync}from'node:fs';process.on('exit',()=>{try{writeFileSync(process.env.METER,String(process.resourceUsage().maxRSS))}catch{}});`;

describe('hostile repositories among others', () => {
  it('are each named, and everything else is done, in memory and time that have a bound', async () => {
    const file = join(world.folder, 'memory');

    const run = await shell('timeout 500 meshwright open --all --json', world.folder, {
      METER: file,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(meter)}`,
    });

    expect([0, 1, 3], run.stderr.slice(-2000)).toContain(run.code);
    const { results } = JSON.parse(run.stdout) as Told;
    expect(results.map(({ target }) => target).sort()).toEqual(
      [...hostile.keys(), ...good].map((name) => `${name}@lab`).sort(),
    );
    for (const name of good)
      expect(results.find(({ target }) => target === `${name}@lab`)).toMatchObject({
        outcome: 'opened',
        problems: [],
      });
    expect(Number(readFileSync(file, 'utf8'))).toBeLessThan(1.5 * 1024 * 1024);
    expect(run.stdout.length).toBeLessThan(20 * 1024 * 1024);
    // Nothing ran, and nothing of this machine went out.
    // Links are not followed: one of them leads to the root.
    const left = spawnSync('find', [world.folder, '-name', 'pwned'], { encoding: 'utf8' });
    expect(left.stdout).toBe('');
    expect(existsSync('pwned')).toBe(false);
    const secret = /^root:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0] ?? 'root:x:0:0';
    expect(run.stdout).not.toContain(secret);
    for (const name of hostile.keys()) {
      const bare = join(world.folder, 'forge/acme', `${name}.git`);
      const found = spawnSync('git', ['grep', '-a', '-F', '-e', secret, ...refsOf(bare)], { cwd: bare });
      expect(found.status, name).toBe(1);
    }
  });

  it.each([...hostile.keys()])('%s: lint ends, and calls no hostile file a bug', async (name) => {
    const { code, stdout, stderr } = await shell(
      `timeout 120 meshwright lint checkouts/${name}`,
      world.folder,
    );

    expect([0, 1], `${stdout.slice(-1000)}\n${stderr.slice(-1000)}`).toContain(code);
    expect(stdout.length + stderr.length).toBeLessThan(20 * 1024 * 1024);
  });
});

function refsOf(bare: string): readonly string[] {
  return execFileSync('git', ['for-each-ref', '--format=%(refname)'], { cwd: bare, encoding: 'utf8' })
    .trim()
    .split('\n');
}
