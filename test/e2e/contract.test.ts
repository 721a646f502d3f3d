import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { meshwright } from './harness/cli.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-contract-'));
  cpSync(join(root, 'examples'), folder, { recursive: true });
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]) => meshwright(args, { cwd: folder });

describe('wrong use ends with 2, says what to do, and touches nothing', () => {
  it.each([
    ['an unknown command', ['opne'], 'Did you mean open'],
    ['an unknown flag', ['open', '--al'], 'Did you mean --all'],
    ['no target', ['diff'], 'Name targets such as shop@lab'],
    ['a misspelt target', ['diff', 'bokinfo@lab'], 'Did you mean bookinfo@lab?'],
    ['a misspelt environment', ['diff', '--environment', 'lba'], 'Did you mean lab?'],
    ['no fleet file', ['diff', 'x', '--fleet', 'none.yaml'], 'Could not read none.yaml'],
    ['neither --out nor --stdout', ['render', 'bookinfo@lab'], 'Use either --out DIR or --stdout'],
    [
      'a checkout that is not there',
      ['apply', 'bookinfo@lab', '--dir', 'nowhere'],
      'there is no such file or folder',
    ],
    [
      'targets of two repositories in one checkout',
      ['apply', '--all', '--dir', 'repositories/acme/apps'],
      'a checkout is one repository',
    ],
    [
      'a question without a terminal',
      ['new', '--dir', 'repositories/acme/apps'],
      'Give the answers with --answers FILE',
    ],
    ['init over a fleet file', ['init'], 'Use --force'],
  ])('%s', (_, args, said) => {
    const { code, stderr } = run(...args);

    expect(stderr).toContain(said);
    expect(code).toBe(2);
  });
});

it('reports every error of a fleet file, on standard error as text and on standard output as JSON', () => {
  writeFileSync(
    join(folder, 'fleet.yaml'),
    readFileSync(join(folder, 'fleet.yaml'), 'utf8')
      .replace('revision:', 'revison:')
      .replace('[ledger:9000]', '[ledgr:9000]'),
  );

  const text = run('diff', '--all');
  const json = run('diff', '--all', '--json');

  expect(text.code).toBe(2);
  expect(text.stderr).toContain('fleet-unknown-key at fleet.yaml:8:3');
  expect(text.stderr).toContain('3 errors');
  expect((JSON.parse(json.stdout) as { problems: unknown[] }).problems).toHaveLength(3);
});

it('writes nothing through a link that leads out of the checkout', () => {
  const overlay = join(folder, 'repositories/acme/bookinfo/deploy/overlays/lab');
  mkdirSync(join(folder, 'elsewhere'));
  writeFileSync(join(folder, 'elsewhere/target.yaml'), 'untouched\n');
  symlinkSync(join(folder, 'elsewhere/target.yaml'), join(overlay, 'istio-sidecar.yaml'));

  const { code, stderr } = run('apply', 'bookinfo@lab', '--dir', 'repositories/acme/bookinfo');

  expect(code).toBe(1);
  expect(stderr).toContain('error bundle-link-in-the-way');
  expect(readFileSync(join(folder, 'elsewhere/target.yaml'), 'utf8')).toBe('untouched\n');
});

it('takes a diff that git applies', () => {
  const { stdout } = run(
    'apply',
    'bookinfo@lab',
    '--dir',
    'repositories/acme/bookinfo',
    '--dry-run',
    '--json',
  );
  const [result] = (JSON.parse(stdout) as { results: { changes: { path: string; after: string }[] }[] })
    .results;

  run('apply', 'bookinfo@lab', '--dir', 'repositories/acme/bookinfo');

  expect(result?.changes.length).toBeGreaterThan(5);
  for (const { path, after } of result?.changes ?? [])
    expect(readFileSync(join(folder, 'repositories/acme/bookinfo', path), 'utf8')).toBe(after);
});

it('scans checkouts into a fleet file that loads', () => {
  const fleet = join(folder, 'scanned.yaml');

  const made = run(
    'init',
    '--fleet',
    fleet,
    '--environments',
    'lab,dev',
    '--scan',
    'repositories/acme/bookinfo',
    'repositories/acme/apps',
  );
  const text = readFileSync(fleet, 'utf8');
  const rendered = run('render', '--all', '--stdout', '--fleet', fleet);

  expect(made.code).toBe(0);
  expect(text).toContain('name: online-boutique');
  expect(text).toContain('path: "deploy/overlays/{environment}"');
  expect(text).toContain('- "productcatalogservice:3550"');
  expect(rendered.code).toBe(0);
});

it('scaffolds from a file of answers: fleet and checkout written, comments kept', () => {
  writeFileSync(
    join(folder, 'answers.yaml'),
    `repository: acme/apps
path: status-page
environments: [lab]
stage: joined
namespaceManifest: create
services:
  - name: status-page
    ports: [80]
    hosts: ["status.{domain}"]
then: write
`,
  );

  const { code, stdout } = run(
    'new',
    'status-page',
    '--dir',
    'repositories/acme/apps',
    '--answers',
    'answers.yaml',
  );
  const kustomization = readFileSync(
    join(folder, 'repositories/acme/apps/status-page/kustomization.yaml'),
    'utf8',
  );
  const fleet = readFileSync(join(folder, 'fleet.yaml'), 'utf8');

  expect(code).toBe(0);
  expect(stdout).toContain('Next: meshwright open status-page@lab');
  expect(kustomization).toContain('  - namespace.yaml\n');
  expect(fleet).toContain("# Istio's Bookinfo: a repository of its own");
  expect(fleet).toContain('  - name: status-page\n    repository: acme/apps\n');
});
