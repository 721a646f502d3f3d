import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { WaveWorld } from './harness/wave-world.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Step {
  readonly id?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}
const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
};

let folder: string;
let world: WaveWorld;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-action-'));
  world = new WaveWorld([1, 1]);
  await world.start();
});
afterEach(async () => {
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a step of action.yml as a runner does: expressions become environment, and bash runs the script. */
function runStep(id: string, inputs: Readonly<Record<string, string>>) {
  const step = action.runs.steps.find((each) => each.id === id);
  if (step?.run === undefined) throw new Error(`there is no step ${id}`);
  expect(step.run, 'an expression in a script would be read by the shell').not.toContain('${{');
  const valueOf = (expression: string): string => {
    const [, context = '', name = ''] =
      /^(inputs|steps\.install\.outputs|github|runner)\.([\w-]+)$/.exec(expression) ?? [];
    if (context === 'inputs') return inputs[name] ?? action.inputs[name]?.default ?? '';
    if (context === 'steps.install.outputs') return outputs('install')[name] ?? '';
    return { action_path: root, temp: folder }[name] ?? '';
  };
  const environment = Object.fromEntries(
    Object.entries(step.env ?? {}).map(([name, value]) => [
      name,
      value.replace(/\$\{\{ ([^}]*) \}\}/g, (_, expression: string) => valueOf(expression)),
    ]),
  );
  const script = join(folder, `${id}.sh`);
  writeFileSync(script, step.run);
  return spawnSync('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', script], {
    cwd: world.folder,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      RUNNER_TEMP: folder,
      GITHUB_OUTPUT: join(folder, `${id}.out`),
      GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
      ...environment,
    },
  });
}

function outputs(id: string): Readonly<Record<string, string>> {
  const lines = readFileSync(join(folder, `${id}.out`), 'utf8')
    .trim()
    .split('\n');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

describe('the action', () => {
  it('runs a command, gives its code and JSON, and shows a table', () => {
    expect(runStep('install', {}).status).toBe(0);
    const { status, stdout } = runStep('run', { command: 'wave plan --max-size 5', token: 'ghs_0123456789' });

    expect(status, stdout).toBe(0);
    const { code, json = '' } = outputs('run');
    expect(code).toBe('0');
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ waves: [{ name: 'all' }] });
    expect(readFileSync(join(folder, 'summary.md'), 'utf8')).toContain('### Meshwright');
  });

  it('fails with the code of the command, and says why in the summary', () => {
    runStep('install', {});
    const { status, stdout } = runStep('run', { command: 'render nobody@lab --stdout' });

    expect(status).toBe(2);
    expect(stdout).toContain('::error::Meshwright ended with exit code 2');
    expect(readFileSync(join(folder, 'summary.md'), 'utf8')).toContain(
      'The fleet has no target "nobody&#64;lab"',
    );
  });

  it.each([
    'wave plan; touch PWNED',
    'wave plan $(touch PWNED)',
    'wave plan `touch PWNED`',
    'wave plan\ntouch PWNED',
    'wave plan && touch PWNED',
    "wave plan ' touch PWNED",
    'wave plan > PWNED',
  ])('has no shell read %j', (command) => {
    runStep('install', {});
    runStep('run', { command });

    expect(existsSync(join(world.folder, 'PWNED'))).toBe(false);
  });

  it('keeps keys out of arguments, outputs and the summary', () => {
    runStep('install', {});
    const { stdout, stderr } = runStep('run', { command: 'wave plan', token: 'ghs_0123456789abcdefSECRET' });

    const script = action.runs.steps.find(({ id }) => id === 'run')?.run ?? '';
    expect(script).not.toMatch(/TOKEN|PRIVATE_KEY/);
    for (const text of [stdout, stderr, readFileSync(join(folder, 'summary.md'), 'utf8')])
      expect(text).not.toContain('SECRET');
  });
});
