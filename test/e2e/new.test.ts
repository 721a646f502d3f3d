import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { cliFile } from './harness/cli.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;
let session: string;

const tmux = (...args: string[]) =>
  execFileSync('tmux', ['-L', session, ...args], {
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm-256color' },
  });
const screen = () => tmux('capture-pane', '-p', '-S', '-', '-t', 'new');
const keys = (...names: string[]) => tmux('send-keys', '-t', 'new', ...names);
/** Waits until the screen shows a text, as a person would before the next key. */
const shows = (text: string) =>
  vi.waitFor(
    () => {
      expect(screen()).toContain(text);
    },
    { timeout: 20_000, interval: 50 },
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-new-'));
  session = `meshwright-${String(process.pid)}-${folder.slice(-6)}`;
  cpSync(join(root, 'examples'), folder, { recursive: true });
  const fleet = join(folder, 'fleet.yaml');
  const text = readFileSync(fleet, 'utf8');
  // The fleet as it was before Bookinfo was declared.
  writeFileSync(fleet, text.replace(/ {2}# Istio's Bookinfo[\s\S]*?(?=\n {2}# Google)/, ''));
  tmux(
    '-f',
    '/dev/null',
    'new-session',
    '-d',
    '-s',
    'new',
    '-x',
    '120',
    '-y',
    '50',
    '-c',
    folder,
    'env',
    '-u',
    'CI',
    'bash',
    '--norc',
  );
});

afterEach(() => {
  tmux('kill-server');
  rmSync(folder, { recursive: true, force: true });
});

it('scaffolds Bookinfo with keys: defaults inferred, validated as one types, previewed, written', async () => {
  keys(`PS1='$ '; clear; node ${cliFile} new --dir repositories/acme/bookinfo; echo "exit $?"`, 'Enter');

  await shows('Which directory does Flux build?');
  expect(screen()).toContain('deploy/overlays/{environment}');
  keys('Enter');
  await shows(
    'Found in deploy/overlays/{environment}: productpage, details, reviews, ratings (namespace bookinfo)',
  );
  await shows('Namespace (bookinfo)');
  keys('Not A Name', 'Enter');
  await shows('lower-case letters, digits and dashes');
  keys('C-u', 'bookinfo', 'Enter');
  await shows('Repository (owner/name)');
  keys('acme/bookinfo', 'Enter');
  await shows('How far should it go?');
  keys('Enter');
  await shows('Services to declare');
  expect(screen()).toContain('productpage  (9080, bookinfo.lab.acme.example, bookinfo-productpage)');
  keys('Enter');
  for (const name of ['productpage', 'details', 'reviews', 'ratings']) {
    await shows(`What does ${name} call?`);
    keys('Enter');
  }
  await shows('This is the bundle. What now?');
  expect(screen()).toContain('+    istio.io/rev: stable');
  expect(screen()).toContain('+    - istio-system/istio-shared-gateway');
  keys('Enter');
  await shows('Next: meshwright open bookinfo@lab');
  await shows('exit 0');

  const fleet = readFileSync(join(folder, 'fleet.yaml'), 'utf8');
  expect(fleet).toContain('  - name: bookinfo\n');
  expect(fleet).toMatch(/- name: productpage\n {8}serviceAccount: bookinfo-productpage\n/);
  expect(fleet).toContain('# A small in-house service');
  expect(
    readFileSync(join(folder, 'repositories/acme/bookinfo/deploy/overlays/lab/namespace.yaml'), 'utf8'),
  ).toContain('istio.io/rev: stable');
});

it('stops at Ctrl-C with 130 and leaves everything as it was', async () => {
  const before = readFileSync(join(folder, 'fleet.yaml'), 'utf8');
  keys(`PS1='$ '; clear; node ${cliFile} new --dir repositories/acme/bookinfo; echo "exit $?"`, 'Enter');

  await shows('Which directory does Flux build?');
  keys('C-c');
  await shows('exit 130');

  expect(screen()).toContain('nothing more was done');
  expect(readFileSync(join(folder, 'fleet.yaml'), 'utf8')).toBe(before);
});
