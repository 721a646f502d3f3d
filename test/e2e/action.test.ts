import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ActionRunner } from './harness/runner.ts';
import { runs } from '../sampling.ts';

let runner: ActionRunner;

beforeEach(() => {
  runner = new ActionRunner();
});

afterEach(() => {
  runner.remove();
});

const inExamples = (command: string, more: Readonly<Record<string, string>> = {}) =>
  runner.run({ command, 'working-directory': 'examples', ...more });

describe('the steps of the action', () => {
  it('render bundles: code, JSON and a summary', async () => {
    const run = await inExamples('render bookinfo@lab payments@lab --out "the bundles"', {
      fleet: 'fleet.yaml',
    });

    expect([run.code, run.outputs.code]).toEqual([0, '0']);
    expect(readdirSync(join(runner.folder, 'examples/the bundles')).sort()).toEqual([
      'bookinfo@lab',
      'payments@lab',
    ]);
    expect(run.json).toMatchObject({ summary: { targets: 2 } });
    expect(run.summary).toContain('**2** targets');
    expect(run.summary).toMatch(/^\| bookinfo&#64;lab \| \d+ files change \|$/m);
  });

  it('open pull requests on a forge in a folder, and find nothing to do the second time', async () => {
    runner.seed();

    const first = await inExamples('meshwright open --environment lab');
    const second = await inExamples('open --environment lab --json');

    expect([first.code, second.code], first.summary + first.log).toEqual([0, 0]);
    expect(first.json).toMatchObject({ summary: { opened: expect.any(Number) as number } });
    expect(first.summary).toMatch(/\| bookinfo&#64;lab \| opened \|/);
    expect(second.json).not.toMatchObject({ summary: { opened: expect.any(Number) as number } });
    expect(second.summary).toMatch(/\| bookinfo&#64;lab \| unchanged \|/);
  });

  it('share a fleet among shards: each target in one of them, whatever their number', async () => {
    const all = ['bookinfo@lab', 'online-boutique@lab', 'payments@lab'];
    const seen: string[] = [];
    for (const shard of ['1/3', '2/3', '3/3']) {
      const run = await inExamples(`render ${all.join(' ')} --out out --force`, { shard });
      expect(run.code).toBe(0);
      seen.push(...(run.json as { results: { target: string }[] }).results.map(({ target }) => target));
    }

    expect(seen.sort()).toEqual(all);
  });

  it('give the matrix of jobs that share a fleet', async () => {
    const run = await inExamples('wave plan --shards 5');

    const matrix = JSON.parse(run.outputs.matrix ?? '') as { readonly shard: readonly string[] };
    expect(run.code).toBe(0);
    expect(matrix.shard.length).toBeGreaterThan(1);
    for (const shard of matrix.shard) expect(shard).toMatch(/^[1-5]\/5$/);
    expect(run.summary).toMatch(/^\| S\+0 lab infrastructure \| 2 targets \| then&#58; /m);
  });

  it('show a problem of the fleet file at its line of the workspace', async () => {
    const file = join(runner.folder, 'examples/fleet.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('revision:', 'revison:'));

    const run = await inExamples('render --all --out out');

    expect(run.code).toBe(2);
    expect(run.log).toMatch(
      /^::error title=fleet-unknown-key,file=examples\/fleet.yaml,line=8::fleet.yaml:8:3 · /m,
    );
    expect(run.summary).toContain('**error** fleet-unknown-key · fleet.yaml&#58;8&#58;3 · ');
  });

  it('fail with 2 and say why for a wrong use, and for a version that is none', async () => {
    const unknown = await inExamples('opne --all');
    const open = await inExamples('render "bookinfo@lab');
    const none = await inExamples('  ');
    const version = await inExamples('render --all', { version: 'latest; touch pwned' });

    expect([unknown.code, open.code, none.code, version.code]).toEqual([2, 2, 2, 2]);
    expect(unknown.outputs.code).toBe('2');
    expect(unknown.summary).toContain('nothing was changed');
    expect(unknown.log).toMatch(/^::error title=usage::.*Did you mean open/m);
    expect(open.log).toContain('has an unclosed quote');
    expect(version.log).toContain('must be an exact version');
    expect(existsSync(join(runner.folder, 'pwned'))).toBe(false);
  });
});

describe('hostile input is text', () => {
  const attacks = [
    'FILE; touch PWNED',
    'FILE && touch PWNED',
    'FILE | touch PWNED',
    'FILE & touch PWNED',
    'FILE\ntouch PWNED',
    'FILE\r\ntouch PWNED\r\n',
    '$(touch PWNED)',
    '`touch PWNED`',
    '"; touch PWNED; "',
    "'; touch PWNED; '",
    '\\"; touch PWNED; \\"',
    '${IFS}$(touch${IFS}PWNED)',
    '> PWNED',
    '%0A::set-output name=code::0',
    'a[$(touch PWNED)]',
  ];
  const pwned = () => join(runner.folder, 'pwned');
  const armed = (text: string) => text.replaceAll('PWNED', pwned());

  it.each(attacks)('as the command: %j', async (attack) => {
    const run = await inExamples(armed(`render --all --out out ${attack}`));

    expect(existsSync(pwned())).toBe(false);
    expect(run.code).not.toBe(0);
  });

  it.each(attacks)('as fleet, shard and version: %j', async (attack) => {
    for (const input of ['fleet', 'shard', 'version']) {
      const run = await inExamples('render --all --out out', { [input]: armed(attack) });

      expect([input, existsSync(pwned())]).toEqual([input, false]);
      expect([input, run.code]).toEqual([input, 2]);
    }
  });
});

/** A CLI that tells what it was given, and does what `STUB` says. */
const stub = `
import { writeFileSync } from 'node:fs';
const { STUB_SAYS = '{}', STUB_LOG = '', STUB_CODE = '0', STUB_FILE, ...env } = process.env;
writeFileSync(STUB_FILE, JSON.stringify({ argv: process.argv.slice(2), line: process.argv, env }));
process.stderr.write(STUB_LOG);
process.stdout.write(STUB_SAYS);
if (STUB_CODE !== 'wait') {
  process.exitCode = Number(STUB_CODE);
} else {
  process.on('SIGINT', () => process.exit(130));
  process.stderr.write('stub is ready\\n');
  setInterval(() => undefined, 60_000);
}
`;

describe('around the command', () => {
  const seenFile = () => join(runner.folder, 'seen.json');
  const runStub = (
    inputs: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>> = {},
    onLog?: (text: string) => void,
  ) => runner.run(inputs, { STUB_FILE: seenFile(), ...environment }, onLog);
  const seen = () =>
    JSON.parse(readFileSync(seenFile(), 'utf8')) as {
      readonly argv: readonly string[];
      readonly line: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    };

  beforeEach(() => {
    runner.replaceCli(stub);
  });

  it('secrets are in the environment of the command and in no argument, output, summary or log', async () => {
    const key = '-----BEGIN KEY-----\nhunter2\n-----END KEY-----\n';
    const run = await runStub({
      command: 'wave open',
      'app-id': '12',
      'app-installation-id': '34',
      'app-private-key': key,
      token: 'ghs_hunter2',
    });
    const { env, line } = seen();

    expect(env).toMatchObject({
      MESHWRIGHT_APP_ID: '12',
      MESHWRIGHT_APP_INSTALLATION_ID: '34',
      MESHWRIGHT_APP_PRIVATE_KEY: key,
      MESHWRIGHT_GITHUB_TOKEN: 'ghs_hunter2',
      MESHWRIGHT_CACHE: join(runner.folder, 'temp/meshwright-clones'),
    });
    expect(Object.keys(env).filter((name) => name.startsWith('ACTION_'))).toEqual([]);
    expect(JSON.stringify([line, run])).not.toContain('hunter2');
  });

  it('inputs left empty hide no variable of the workflow', async () => {
    await runStub({ command: 'wave open' }, { MESHWRIGHT_APP_ID: '56', GITHUB_TOKEN: 'from the workflow' });

    expect(seen().env).toMatchObject({ MESHWRIGHT_APP_ID: '56', GITHUB_TOKEN: 'from the workflow' });
    expect(seen().env).not.toHaveProperty('MESHWRIGHT_GITHUB_TOKEN');
  });

  it('options come before a "--" of the command, and --json only once', async () => {
    await runStub({ command: 'open --json -- --all', fleet: 'a b.yaml', shard: '2/8' });

    expect(seen().argv).toEqual(['open', '--json', '--fleet=a b.yaml', '--shard=2/8', '--', '--all']);
  });

  it('any words, quoted as a shell quotes them, arrive as they are', async () => {
    const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
    const word = fc.string({
      unit: fc.constantFrom(...Array.from('ab \'"\\$`;|&\n\t*{}()é')),
      maxLength: 12,
    });

    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (words) => {
        await runStub({ command: ['open', ...words.map(quote)].join(' ') });
        expect(seen().argv).toEqual(['open', ...words, '--json']);
      }),
      { numRuns: runs(25, 8) },
    );
  });

  it.each([
    ['1', 'the job summary says why'],
    ['3', 'it is safe to run again'],
    ['70', 'the job summary says why'],
  ])('exit code %s fails the step, and the log says what it means', async (code, said) => {
    const run = await runStub({ command: 'wave open' }, { STUB_CODE: code });

    expect([String(run.code), run.outputs.code]).toEqual([code, code]);
    expect(run.log).toMatch(new RegExp(`^::error::.*${said}`, 'm'));
    expect(run.summary).toContain(`Exit code ${code}: `);
  });

  it('the end of the log stands in the summary when nothing else says why', async () => {
    const log = '\u001b[31mmeshwright has a bug: </pre><b>\u001b[0m';
    const run = await runStub({ command: 'wave open' }, { STUB_SAYS: '', STUB_CODE: '70', STUB_LOG: log });

    expect(run.log).toMatch(/<b>\u001b\[0m\n::[0-9a-f-]+::\n::error::/);
    expect(run.summary).toMatch(/^<pre>.*meshwright has a bug&#58; &#60;\/pre&#62;&#60;b&#62;.*<\/pre>$/m);
  });

  it('an output that is no JSON still ends with a summary', async () => {
    const run = await runStub({ command: '--version' }, { STUB_SAYS: '1.2.3\n' });

    expect(run.code).toBe(0);
    expect(run.summary).toContain('Exit code 0: done.');
  });

  it('what repositories say is no command to the runner, and no markup in the summary', async () => {
    const reason = '</table>| @everyone [x](https://evil.example) `` \n::error::no';
    const problem = { rule: 'a,b:c', severity: 'error', message: 'first\n::set-env name=X::y', fix: '100%' };
    const results = [
      { target: 'shop@lab', outcome: 'refused', reason, problems: [problem] },
      { target: 'pay@lab', outcome: 'opened', url: 'https://github.com/acme/pay/pull/7', problems: [] },
      { target: 'bad@lab', outcome: 'opened', url: 'javascript:alert(1)', problems: [] },
    ];
    const run = await runStub(
      { command: 'wave open' },
      { STUB_SAYS: JSON.stringify({ results }), STUB_LOG: 'opened  x\n::add-path::/evil\n', STUB_CODE: '1' },
    );
    const [, guard = ''] = /^::stop-commands::(\S+)$/m.exec(run.log) ?? [];
    const [before, inside = '', after = ''] = run.log.split(
      new RegExp(`^::(?:stop-commands::)?${guard}.*$`, 'm'),
    );

    expect(before).toBe('');
    expect(inside).toContain('::add-path::/evil');
    expect(after.match(/^::[a-z-]+/gm)).toEqual(['::error', '::error']);
    expect(after).toContain('::error title=a-b-c::shop@lab · first%0A::set-env name=X::y · 100%25\n');
    expect(run.summary).toContain('[7](https://github.com/acme/pay/pull/7)');
    expect(run.summary).not.toMatch(/<\/table>|@everyone|\]\(https:\/\/evil|\]\(javascript/);
  });

  it('a problem has a place in the workspace only where its file is there', async () => {
    const problem = { rule: 'r', severity: 'warning', message: 'm' };
    const problems = [
      { ...problem, file: 'a,b:c%.yaml', line: 3 },
      { ...problem, file: '../outside.yaml', line: 3 },
      { ...problem, file: 'theirs.yaml', line: 3, repository: 'acme/shop' },
    ];
    const run = await runStub({ command: 'render' }, { STUB_SAYS: JSON.stringify({ problems }) });

    expect(run.log.match(/^::warning.*$/gm)).toEqual([
      '::warning title=r,file=a%2Cb%3Ac%25.yaml,line=3::a,b:c%25.yaml:3 · m',
      '::warning title=r::../outside.yaml:3 · m',
      '::warning title=r::acme/shop theirs.yaml:3 · m',
    ]);
  });

  it('a summary of ten thousand targets fits, what needs a person comes first, and the rest is counted', async () => {
    const results = Array.from({ length: 10_000 }, (_, at) => ({
      target: `app-${String(at)}@lab`,
      outcome: at === 9_999 ? 'refused' : 'unchanged',
      problems: [],
    }));
    const says = join(runner.folder, 'says.json');
    writeFileSync(
      says,
      JSON.stringify({ results, summary: { targets: 10_000, unchanged: 9_999, refused: 1 } }),
    );
    runner.replaceCli(
      `import { readFileSync } from 'node:fs';\nprocess.stdout.write(readFileSync(${JSON.stringify(says)}));\n`,
    );

    const run = await runner.run({ command: 'wave open' });

    expect(run.summary.length).toBeLessThan(100_000);
    expect(run.summary).toMatch(/^\| --- .*\n\| app-9999&#64;lab \| refused \|$/m);
    expect(run.summary).toContain('… and 9800 more');
    expect(run.summary).toContain('**9999** unchanged');
  });

  it('a summary stays below the mebibyte that a job may have, whatever it is to say', async () => {
    const punctuation = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).join('');
    const long = punctuation.repeat(50);
    const problem = { rule: long, severity: 'error', message: long, fix: long, file: long };
    const results = Array.from({ length: 300 }, () => ({
      target: long,
      outcome: long,
      reason: long,
      problems: [problem],
    }));
    const says = join(runner.folder, 'says.json');
    writeFileSync(says, JSON.stringify({ results }));
    runner.replaceCli(`import { createReadStream } from 'node:fs';
createReadStream(${JSON.stringify(says)}).pipe(process.stdout);
process.exitCode = 1;
`);

    const { summary } = await runner.run({ command: 'wave open' });

    expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024);
    const row = /^\| (&#33;.*) \|$/m.exec(summary)?.[1] ?? '';
    expect(row.replaceAll(/&#\d+;| \| /g, '')).toMatch(/^[\w"%'+,./;=?…^-]+$/);
  });

  it('a cancelled run reaches the command, which ends by itself', async () => {
    const run = await runStub({ command: 'wave open' }, { STUB_CODE: 'wait' }, (text) => {
      if (text.includes('stub is ready')) runner.cancel();
    });

    expect([run.code, run.outputs.code]).toEqual([130, '130']);
    expect(run.log).toContain('it is safe to run again');
  });
});
