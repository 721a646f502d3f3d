import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hang } from '../sampling.ts';

const home = fileURLToPath(new URL('../../', import.meta.url));
const cli = join(home, 'dist/src/cli.js');
const run = promisify(execFile);

const fleet = `# Our fleet.
version: 1
mesh:
  istioVersion: 1.30.3
  revision: stable # a tag
  gateway:
    serviceAccount: istio-ingressgateway
forge:
  kind: local
  directory: forge
environments:
  - {name: lab, domain: lab.acme.example}
  - {name: dev, domain: dev.acme.example}
# Newest last.
namespaces:
  - name: payments
    repository: acme/payments
    path: deploy/{environment}
    services:
      - {name: ledger, ports: [9000]}
`;

let folder: string;
let checkout: string;

/** A terminal of 110 columns with keys to press and a screen to look at, by tmux. */
async function tmux(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('tmux', ['-S', join(folder, 'socket'), '-f', '/dev/null', ...args], {
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  });
  return stdout;
}

async function start(args: string, environment = ''): Promise<void> {
  const command = `${environment} ${process.execPath} ${cli} new ${args} > result.txt; echo "exit code $?"; cat`;
  await tmux('-u', 'new-session', '-d', '-x', '110', '-y', '50', '-c', checkout, command);
}

async function press(...keys: readonly string[]): Promise<void> {
  await tmux('send-keys', ...keys);
}

/** The screen with all that scrolled away, as soon as it shows `text`. */
async function screen(text: string | RegExp): Promise<string> {
  const start = performance.now();
  for (;;) {
    const shown = await tmux('capture-pane', '-p', '-J', '-S', '-');
    if (typeof text === 'string' ? shown.includes(text) : text.test(shown)) return shown;
    if (performance.now() - start > hang) throw new Error(`waited for ${String(text)}, and saw:\n${shown}`);
    await pause(50);
  }
}

/** Answers every question up to the preview, taking what is proposed. */
async function answerAll(): Promise<void> {
  await screen('? Which directory does Flux build?');
  await press('Enter');
  await screen('? Namespace (bookinfo)');
  await press('Enter');
  await screen('? Repository (owner/name)');
  await press('acme/bookinfo', 'Enter');
  await screen('? Which stage should it have?');
  await press('Enter');
  await screen('? Services to declare');
  await press('Enter');
  for (const name of ['productpage', 'details', 'reviews', 'ratings']) {
    await screen(`? What does ${name} call?`);
    await press('Enter');
  }
  await screen('? This is the bundle. What now?');
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshwright-new-'));
  checkout = join(folder, 'bookinfo');
  await cp(join(home, 'examples/repositories/acme/bookinfo'), checkout, { recursive: true });
  await writeFile(join(folder, 'fleet.yaml'), fleet);
});
afterEach(async () => {
  await tmux('kill-server').catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
});

const fleetText = () => readFile(join(folder, 'fleet.yaml'), 'utf8');
const inCheckout = (path: string) => readFile(join(checkout, 'deploy/overlays/lab', path), 'utf8');

describe('new, by keys', () => {
  it('proposes what the manifests say, shows the bundle, and writes it', async () => {
    await start('');

    await answerAll();
    const preview = await screen('? This is the bundle. What now?');
    await press('Enter');
    await screen('exit code 0');

    expect(preview).toContain(
      'Found in deploy/overlays/{environment}: productpage, details, reviews, ratings',
    );
    expect(preview).toContain('✔ What does productpage call? details, reviews');
    expect(preview).toContain('+  - name: bookinfo');
    expect(preview).toContain('+++ b/deploy/overlays/lab/istio-sidecar.yaml');
    expect(preview).toContain(
      '-    istio-injection: enabled   # from the first try with Istio\n+    istio.io/rev: stable',
    );
    expect(preview).toContain('    - edge/bookinfo-gateway   # the old gateway, until traffic has moved');
    expect(await readFile(join(checkout, 'result.txt'), 'utf8')).toContain('added bookinfo@lab to');

    const declared = await fleetText();
    expect(declared.startsWith(fleet)).toBe(true);
    expect(declared).toContain('bookinfo.{environment}.acme.example');
    expect(await inCheckout('istio-sidecar.yaml')).toContain('kind: Sidecar');
    expect(await inCheckout('namespace.yaml')).toContain('istio.io/rev: stable');
    expect(await inCheckout('kustomization.yaml')).toContain(
      '  - routes.yaml   # hosts differ by environment\n',
    );
    await run('kubectl', ['kustomize', join(checkout, 'deploy/overlays/lab')]);
  });

  it('says what is wrong with a name while it is typed, and takes it once it is right', async () => {
    await start('');
    await screen('? Which directory');
    await press('Enter');
    await screen('? Namespace (bookinfo)');

    await press('Book');
    const typing = await screen(/\(lower-case letters.*\) Book$/m);
    await press('Enter');
    const refused = await screen('> lower-case letters');
    await press('C-u', 'books');
    await screen(/\? Namespace books$/m);
    await press('Enter');
    await screen('? Repository');

    expect(typing).not.toContain('? Repository');
    expect(refused).not.toContain('? Repository');
  });

  it('leaves everything as it was after Ctrl-C, and answers 130', async () => {
    await start('');
    await answerAll();

    await press('C-c');
    const end = await screen('exit code 130');

    expect(end).toContain('interrupted');
    expect(await fleetText()).toBe(fleet);
    await expect(inCheckout('istio-sidecar.yaml')).rejects.toThrow('ENOENT');
  });

  it('leaves everything as it was when a person cancels', async () => {
    await start('');
    await answerAll();

    await press('Up', 'Enter');
    await screen('exit code 0');

    expect(await fleetText()).toBe(fleet);
    await expect(inCheckout('istio-sidecar.yaml')).rejects.toThrow('ENOENT');
  });

  it('leaves out a service that a person unchecks, and the calls they uncheck', async () => {
    await start('bookinfo --repository acme/bookinfo --path "deploy/overlays/{environment}"');
    await screen('? Which stage should it have?');
    await press('Enter');
    await screen('? Services to declare');
    await press('Down', 'Down', 'Down', 'Space', 'Enter');
    await screen('? What does productpage call?');
    await press('Space', 'Enter');
    for (const name of ['details', 'reviews']) {
      await screen(`? What does ${name} call?`);
      await press('Enter');
    }
    await screen('? This is the bundle. What now?');
    await press('Enter');
    await screen('exit code 0');

    const declared = await fleetText();
    expect(declared).not.toContain('name: ratings');
    expect(declared).toMatch(/- name: productpage\n[^]*?calls:\n +- reviews\n +- name: details/);
  });

  it('asks nothing in CI, even at a terminal', async () => {
    await start('', 'CI=true');

    const shown = await screen('exit code 2');

    expect(shown).toContain('--answers FILE');
    expect(shown).not.toContain('? ');
  });
});
