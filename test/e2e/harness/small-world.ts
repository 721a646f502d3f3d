import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { git } from './world.ts';

const cliFile = fileURLToPath(new URL('../../../dist/src/cli.js', import.meta.url));

export interface End {
  /** 128 and the number of a signal, as a shell says. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What an application may look like at its smallest. */
export const application = (name: string): Readonly<Record<string, string>> => ({
  'deploy/all.yaml': `apiVersion: v1
kind: Namespace
metadata: {name: ${name}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: "web:1", ports: [{containerPort: 8080}]}]}
`,
  'deploy/kustomization.yaml': `namespace: ${name}\nresources: [all.yaml]\n`,
});

/** Applications on a local forge, and checkouts of them, in a folder of their own. */
export class SmallWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'meshwright-small-'));

  constructor(
    names: readonly string[],
    filesOf: (name: string) => Readonly<Record<string, string | Uint8Array>> = application,
    more = '',
  ) {
    for (const name of names) {
      const checkout = this.checkout(name);
      for (const [path, text] of Object.entries(filesOf(name))) {
        mkdirSync(dirname(join(checkout, path)), { recursive: true });
        if (typeof text === 'string' && text.startsWith('link: ')) {
          rmSync(join(checkout, path), { force: true });
          symlinkSync(text.slice(6), join(checkout, path));
        } else writeFileSync(join(checkout, path), text);
      }
      git(checkout, 'init', '--quiet', '--initial-branch=main');
      git(checkout, 'config', 'gc.auto', '0');
      git(checkout, 'add', '--all');
      git(checkout, 'commit', '--quiet', '--message', 'An application');
      git(
        this.folder,
        'clone',
        '--quiet',
        '--bare',
        checkout,
        join(this.folder, 'forge/acme', `${name}.git`),
      );
    }
    writeFileSync(join(this.folder, 'fleet.yaml'), fleetOf(names, more));
  }

  checkout(name: string): string {
    const folder = join(this.folder, 'checkouts', name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** The same once more, so that what one does to it no other sees. */
  copy(): string {
    const folder = mkdtempSync(join(tmpdir(), 'meshwright-copy-'));
    cpSync(this.folder, folder, { recursive: true });
    return folder;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function fleetOf(names: readonly string[], more = ''): string {
  const entry = (name: string) =>
    `  - {name: ${name}, repository: acme/${name}, path: deploy, stage: joined, services: [{name: web, serviceAccount: web, ports: [8080]}]}\n`;
  return `version: 1
mesh: {istioVersion: 1.30.3, revision: stable, gateway: {serviceAccount: gateway}}
forge: {kind: local, directory: forge}
environments: [{name: lab}]
${more}namespaces:
${names.map(entry).join('')}`;
}

let programs: string | undefined;

/** For programs that start others, which know no functions of bash. */
function programsIn(folder: string): string {
  writeFileSync(join(folder, 'meshwright'), `#!/bin/sh\nexec "${process.execPath}" "${cliFile}" "$@"\n`, {
    mode: 0o755,
  });
  return folder;
}

/** Runs a line of bash in which \`meshwright\` is the built CLI. */
export function shell(
  line: string,
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<End> {
  programs ??= programsIn(mkdtempSync(join(tmpdir(), 'meshwright-bin-')));
  const script = `meshwright() { "${process.execPath}" "${cliFile}" "$@"; }\nexport -f meshwright\n${line}`;
  const child = spawn('bash', ['--noprofile', '--norc', '-c', script], {
    cwd,
    env: { PATH: `${programs}:${process.env.PATH ?? ''}`, HOME: cwd, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (told[name] += text));
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      done({ code: code ?? (signal === 'SIGKILL' ? 137 : 130), ...told });
    });
  });
}

/** Whether this machine lets a test have file systems of its own. */
export function hasOwnMounts(): boolean {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
