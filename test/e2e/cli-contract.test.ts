import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const home = fileURLToPath(new URL('../../', import.meta.url));
const cli = join(home, 'dist/src/cli.js');
const run = promisify(execFile);

let folder: string;
const environment = (more: Readonly<Record<string, string>> = {}) => ({
  PATH: process.env.PATH ?? '',
  MESHWRIGHT_CACHE: join(folder, 'cache'),
  ...more,
});

async function meshwright(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  try {
    const { stdout, stderr } = await run(process.execPath, [cli, ...args], {
      cwd: folder,
      env: environment(more),
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string };
    return { code: failed.code, stdout: failed.stdout, stderr: failed.stderr };
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshwright-contract-'));
  await cp(join(home, 'examples/fleet.yaml'), join(folder, 'fleet.yaml'));
  await cp(join(home, 'examples/repositories/acme'), join(folder, 'acme'), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the command line', () => {
  it('lists every command, and prints its version', async () => {
    const help = await meshwright(['--help']);
    const version = await meshwright(['--version']);

    expect(help.code).toBe(0);
    for (const command of ['init', 'new', 'render', 'apply', 'diff', 'open'])
      expect(help.stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    ['an unknown command', ['opne'], "unknown command 'opne'", 'open'],
    ['an unknown flag', ['open', '--al'], "unknown option '--al'", '--all'],
    ['a flag without its value', ['render', '--out'], "'--out <dir>' argument missing", ''],
    ['two names where one is taken', ['new', 'a', 'b'], 'too many arguments', ''],
    ['a misspelt target', ['diff', 'bookinfo@lba'], 'no target "bookinfo@lba"', 'bookinfo@lab'],
    ['an unknown environment', ['diff', '--environment', 'lba'], 'no environment "lba"', 'lab'],
    ['no target', ['apply'], 'No target was named', '--all'],
    ['a fleet file that is not there', ['diff', '--all', '--fleet', 'no.yaml'], 'no.yaml', ''],
    ['a checkout that is not there', ['apply', 'payments', '--dir', 'nowhere'], 'nowhere', ''],
    ['nobody to ask', ['new'], 'no terminal', '--answers FILE'],
  ])('answers 2 to %s, and says what is meant', async (_, args, message, suggestion) => {
    const { code, stdout, stderr } = await meshwright(args);

    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain(suggestion);
  });

  it.each([[['open', '--al']], [['diff', 'bookinfo@lba']]])(
    '%j with --json answers with JSON only',
    async (args) => {
      const { code, stdout, stderr } = await meshwright([...args, '--json']);

      expect([code, stderr]).toEqual([2, '']);
      expect(JSON.parse(stdout)).toMatchObject({ problems: [{ severity: 'error' }] });
    },
  );

  it('answers 3 when the forge has no such repository', async () => {
    const { code, stdout } = await meshwright(['open', 'bookinfo@lab', '--json']);

    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ target: 'bookinfo@lab', outcome: 'failed' }] });
  });

  it.each([['render bookinfo@lab --stdout'], ['wave status'], ['wave open']])(
    '%s names in its JSON every problem that it tells people',
    async (command) => {
      const fleet = await readFile(join(folder, 'fleet.yaml'), 'utf8');
      const odd = fleet
        .replace('directory: ../.demo/forge', 'directory: nowhere')
        .replace('[ledger:9000]', '[]');
      await writeFile(join(folder, 'odd.yaml'), odd);
      const args = [...command.split(' '), '--fleet', 'odd.yaml'];

      const text = await meshwright(args);
      const json = await meshwright([...args, '--json']);

      const { problems } = JSON.parse(json.stdout) as { readonly problems: readonly { rule: string }[] };
      const told = [...text.stderr.matchAll(/^(?:error|warning|info) (\S+)/gm)].map(([, rule]) => rule);
      expect(told.length).toBeGreaterThan(0);
      expect(problems.map(({ rule }) => rule).sort()).toEqual(told.sort());
    },
  );

  it('answers 2 without credentials for GitHub, and never prints the ones it has', async () => {
    const text = await readFile(join(folder, 'fleet.yaml'), 'utf8');
    const github = text.replace(
      'kind: local\n  directory: ../.demo/forge',
      'kind: github\n  api: http://127.0.0.1:9',
    );
    await writeFile(join(folder, 'github.yaml'), github);
    const token = 'ghp_averysecrettokenindeed';

    const host = { MESHWRIGHT_GITHUB_HOST: '127.0.0.1:9' };
    const without = await meshwright(['open', 'bookinfo@lab', '--fleet', 'github.yaml'], host);
    const refused = await meshwright(['open', 'bookinfo@lab', '--fleet', 'github.yaml'], {
      ...host,
      GITHUB_TOKEN: token,
    });

    expect([without.code, refused.code]).toEqual([2, 3]);
    expect(without.stderr).toContain('GITHUB_TOKEN');
    expect(refused.stdout + refused.stderr).not.toContain(token);
  });

  it('uses no colours in a pipe, and colours when they are forced', async () => {
    const args = ['apply', 'bookinfo@lab', '--dir', 'acme/bookinfo', '--dry-run'];

    const piped = await meshwright(args);
    const forced = await meshwright(args, { FORCE_COLOR: '1' });
    const refused = await meshwright(args, { FORCE_COLOR: '1', NO_COLOR: '1' });

    expect(piped.stdout).not.toContain('\u001b[');
    expect(forced.stdout).toContain('\u001b[32m+');
    expect(refused.stdout).toBe(piped.stdout);
  });

  it('prints a diff that git applies to the same bytes as apply writes, CRLF included', async () => {
    const [one, other] = [join(folder, 'one'), join(folder, 'other')];
    for (const copy of [one, other]) {
      await cp(join(folder, 'acme/bookinfo'), copy, { recursive: true });
      const file = join(copy, 'deploy/overlays/lab/namespace.yaml');
      await writeFile(file, (await readFile(file, 'utf8')).replaceAll('\n', '\r\n').trimEnd());
    }
    await run('git', ['init', '--quiet'], { cwd: one, env: environment() });

    const { stdout } = await meshwright(['apply', 'bookinfo@lab', '--dir', 'one', '--dry-run']);
    await writeFile(join(folder, 'bookinfo.diff'), stdout);
    await run('git', ['apply', '../bookinfo.diff'], { cwd: one, env: environment() });
    const applied = await meshwright(['apply', 'bookinfo@lab', '--dir', 'other']);
    await rm(join(one, '.git'), { recursive: true });

    expect(applied.code).toBe(0);
    expect(stdout).toContain('     team: books\r\n');
    await run('diff', ['-r', one, other]);
  });

  it('is quiet when its reader has seen enough', async () => {
    const child = spawn(process.execPath, [cli, 'render', '--environment', 'lab', '--stdout'], {
      cwd: folder,
      env: environment(),
    });
    const stderr: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdout.destroy();
    await new Promise((done) => child.on('close', done));

    expect(Buffer.concat(stderr).toString()).not.toMatch(/EPIPE|bug/);
  });

  it('refuses a template that replaces none of the built-in ones, and names the nearest', async () => {
    const own = join(folder, 'own');
    await cp(join(home, 'templates/namespace'), join(own, 'namespace'), { recursive: true });
    await writeFile(join(own, 'namespace/istio-sidecars.yaml.hbs'), 'kind: Sidecar\n');
    const text = await readFile(join(folder, 'fleet.yaml'), 'utf8');
    await writeFile(join(folder, 'templates.yaml'), `${text}\ntemplates: own\n`);

    const { code, stderr } = await meshwright(['render', '--all', '--stdout', '--fleet', 'templates.yaml']);

    expect(code).toBe(2);
    expect(stderr).toContain('namespace/istio-sidecars.yaml.hbs');
    expect(stderr).toContain('namespace/istio-sidecar.yaml.hbs');
  });
});
