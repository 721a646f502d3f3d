import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { versions, type Resource } from './api-server.ts';

export const istioctlBinary = fileURLToPath(
  new URL(`../../../.cache/judges/istioctl-${versions.istioctl}/istioctl`, import.meta.url),
);
const allowed = readFileSync(new URL('../allowed.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(' # ')[0] ?? line);

/** How one run of istioctl ended. */
export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Waiting {
  readonly done: (said: Said) => void;
  readonly fail: (error: Error) => void;
}

/** One istioctl for all that this process asks (test/judges/istioctl): to start takes it longer than to judge. Questions
 *  are answered in their order. */
class Served {
  readonly #waiting: Waiting[] = [];
  readonly #child: ChildProcess;
  #text = '';
  #errors = '';

  constructor() {
    const child = spawn(istioctlBinary, [], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.#take(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (this.#errors += chunk));
    child.on('error', (error) => {
      this.#end(error);
    });
    child.on('close', (code, signal) => {
      this.#end(new Error(`istioctl ended with ${String(code ?? signal)}: ${this.#errors}`));
    });
    // It ends with its input, when this process does.
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as Socket).unref();
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  ask(args: readonly string[]): Promise<Said> {
    return new Promise((done, fail) => {
      this.#waiting.push({ done, fail });
      this.#child.stdin?.write(`${JSON.stringify(args)}\n`);
    });
  }

  #take(chunk: string): void {
    this.#text += chunk;
    for (let end = this.#text.indexOf('\n'); end >= 0; end = this.#text.indexOf('\n')) {
      this.#waiting.shift()?.done(JSON.parse(this.#text.slice(0, end)) as Said);
      this.#text = this.#text.slice(end + 1);
    }
  }

  #end(error: Error): void {
    for (const { fail } of this.#waiting.splice(0)) fail(error);
  }
}

let served: Served | undefined;

/** What `istioctl` with these arguments says, by the one that stays. */
export function istioctl(args: readonly string[]): Promise<Said> {
  if (served === undefined || served.isOver) served = new Served();
  return served.ask(args);
}

/** What istioctl says against resources, lines of the allow-list left out; empty when it is content. */
export async function istioctlSays(
  command: 'validate' | 'analyze',
  resources: readonly Resource[],
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-istioctl-'));
  try {
    const file = join(folder, 'all.yaml');
    writeFileSync(file, resources.map((resource) => stringify(resource)).join('---\n'));
    const args =
      command === 'validate'
        ? ['validate', '-f', file]
        : ['analyze', '--use-kube=false', '--all-namespaces', file];
    const { status, stdout, stderr } = await istioctl(args);
    const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim());
    const said = lines.filter(
      (line) =>
        line !== '' &&
        !line.endsWith('is valid') &&
        !line.startsWith('✔') &&
        !allowed.some((pattern) => line.includes(pattern)),
    );
    return status === 0 || said.length > 0 ? said : [`istioctl ${command} ended with ${String(status)}`];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
