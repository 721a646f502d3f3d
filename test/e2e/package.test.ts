import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the package, packed and installed into an empty folder', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'meshwright-package-'));
    npm(root, 'pack', '--ignore-scripts', '--pack-destination', folder);
    const [file = ''] = readdirSync(folder);
    npm(
      folder,
      'install',
      '--offline',
      '--engine-strict',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `./${file}`,
    );
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('brings all it needs itself, with the licences of what it was built of', () => {
    const installed = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(installed).toEqual(['meshwright']);
    const licences = readFileSync(
      join(folder, 'node_modules/meshwright/dist/THIRD-PARTY-LICENSES.txt'),
      'utf8',
    );
    for (const name of ['@octokit/rest', 'commander', 'handlebars', 'simple-git', 'yaml', 'zod'])
      expect(licences).toMatch(new RegExp(`^${name} [0-9.]+ \\(\\S+\\)\n\n.+`, 'm'));
  });

  it('is the same to the byte when it is packed again', () => {
    const again = mkdtempSync(join(tmpdir(), 'meshwright-again-'));
    try {
      npm(root, 'pack', '--ignore-scripts', '--pack-destination', again);
      const [name = ''] = readdirSync(again);
      expect(readFileSync(join(again, name)).equals(readFileSync(join(folder, name)))).toBe(true);
    } finally {
      rmSync(again, { recursive: true, force: true });
    }
  });

  it('renders what the sources do', () => {
    const { stdout } = meshwright([
      'render',
      'bookinfo@lab',
      '--stdout',
      '--fleet',
      join(root, 'examples/fleet.yaml'),
    ]);
    const golden = readFileSync(join(root, 'test/golden/bookinfo@lab-joined.txt'), 'utf8');
    const sidecar = /#### \S+istio-sidecar\.yaml\n([\s\S]+?)#### /.exec(golden)?.[1] ?? '';
    expect(sidecar).toContain('kind: Sidecar');
    expect(stdout).toContain(sidecar.trimEnd());
  });

  it('explains a rule, which reads a page of its docs', () => {
    expect(meshwright(['lint', '--explain', 'tls-without-mode']).stdout).toContain('# tls-without-mode');
  });

  it('names files and lines of the sources in the stack of a bug', () => {
    const bug = "process.cwd = () => { throw new Error('no folder'); }";
    const { stderr, status } = meshwright(['lint'], {
      DEBUG: '1',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(bug)}`,
    });
    expect(status).toBe(70);
    const [, line = '0'] = / (?:\()?\S*src\/cli\.ts:(\d+):\d+/.exec(stderr) ?? [];
    const source = readFileSync(join(root, 'src/cli.ts'), 'utf8').split('\n');
    expect(source[Number(line) - 1], stderr).toContain('process.cwd()');
  });

  function meshwright(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    return spawnSync(join(folder, 'node_modules/.bin/meshwright'), args, {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: folder, ...environment },
    });
  }
});

function npm(cwd: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}
