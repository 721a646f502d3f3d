import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { listen } from './harness/git-http-server.ts';
import { ActionRunner } from './harness/runner.ts';
import { runs } from '../sampling.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the words of a command', async () => {
  const script = new URL('../../.github/action/words.mjs', import.meta.url).href;
  const { splitWords } = (await import(script)) as {
    readonly splitWords: (text: string) => readonly string[] | undefined;
  };

  it('are those that bash makes of the text, where it expands nothing', () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from('aab  \'\'""\\\\\t-=é')), maxLength: 16 });

    fc.assert(
      fc.property(text, (command) => {
        expect(splitWords(command)).toEqual(wordsOfBash(command));
      }),
      { numRuns: runs(500, 100) },
    );
  });

  it.each([
    ['wave \\\n  open "a\\\nb"\r\n--all\n', ['wave', 'open', 'ab', '--all']],
    [
      'a;b|c>d&e #f *.yaml ~ $HOME $(id) `id` {1,2} !!',
      'a;b|c>d&e #f *.yaml ~ $HOME $(id) `id` {1,2} !!'.split(' '),
    ],
    ['"\\$HOME \\` \\" \\\\ \\n"', ['$HOME ` " \\ \\n']],
  ])('of %j are %j', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });
});

/** undefined: bash finds a quote open. A last backslash, which bash keeps, is one here: nothing follows for it to quote. */
function wordsOfBash(text: string): readonly string[] | undefined {
  try {
    const script = `for word in ${text} end; do printf '%s\\0' "$word"; done`;
    const out = execFileSync('bash', ['-c', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const words = out.split('\0').slice(0, -1);
    return words.at(-1) === 'end' ? words.slice(0, -1) : undefined;
  } catch {
    return undefined;
  }
}

describe('the version to install', () => {
  it('comes from the registry, and nothing of it runs but the command', async () => {
    const runner = new ActionRunner();
    const folder = join(runner.folder, 'package');
    const pwned = join(runner.folder, 'pwned');
    mkdirSync(join(folder, 'dist/src'), { recursive: true });
    writeFileSync(join(folder, 'dist/src/cli.js'), `process.stdout.write('{"summary":{"installed":1}}');\n`);
    const manifest = {
      name: 'meshwright',
      version: '1.2.3',
      type: 'module',
      scripts: { postinstall: `touch ${pwned}` },
    };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    execFileSync('npm', ['pack', '--silent'], { cwd: folder });
    const { origin, server } = await listen((request, response) => {
      const dist = { tarball: `${origin}/meshwright-1.2.3.tgz` };
      const versions = { '1.2.3': { ...manifest, hasInstallScript: true, dist } };
      if (request.url?.endsWith('.tgz') === true)
        response.end(readFileSync(join(folder, 'meshwright-1.2.3.tgz')));
      else response.end(JSON.stringify({ name: 'meshwright', versions }));
    });

    const run = await runner.run({ command: 'wave plan', version: '1.2.3' }, { npm_config_registry: origin });
    server.close();

    expect([run.code, run.json], run.log).toEqual([0, { summary: { installed: 1 } }]);
    expect(existsSync(pwned)).toBe(false);
    runner.remove();
  });

  it.each([
    'latest',
    '1',
    '1.2',
    '^1.2.3',
    '1.2.3 || 2',
    '1.2.3\n',
    'v1.2.3',
    '../x',
    'https://evil.example/x.tgz',
  ])('is not %j', async (version) => {
    const runner = new ActionRunner();
    const { code, log } = await runner.run({ command: 'wave plan', version });
    runner.remove();

    expect([code, log]).toEqual([2, expect.stringMatching(/^::error::.*must be an exact version.*\n$/)]);
  });
});

describe('action.yml and waves.yml', () => {
  interface Step {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Readonly<Record<string, unknown>>;
  }
  interface Keys {
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly outputs: Readonly<Record<string, unknown>>;
  }
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const action = parse(read('action.yml')) as Keys & { readonly runs: { readonly steps: readonly Step[] } };
  const workflow = read('.github/workflows/waves.yml');
  const { jobs } = parse(workflow) as {
    readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
  };
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('let a shell read no expression', () => {
    const scripts = [...steps, ...action.runs.steps].flatMap(({ run }) => run ?? []);

    expect(scripts.length).toBeGreaterThan(2);
    expect(scripts.filter((script) => script.includes('${{'))).toEqual([]);
  });

  it('agree on inputs and outputs', () => {
    const uses = steps.filter((step) => step.uses?.startsWith('meshwright/') === true);
    const given = uses.flatMap((step) => Object.keys(step.with ?? {}));
    const taken = [...workflow.matchAll(/steps\.wave\.outputs\.(\w+)/g)].map(([, name]) => name);

    expect(uses).toHaveLength(3);
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(given));
    expect(taken).toEqual(['matrix']);
    expect(Object.keys(action.outputs)).toEqual(expect.arrayContaining(taken));
  });
});
