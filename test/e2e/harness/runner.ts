import { spawn, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { git } from './world.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Step {
  readonly id?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'working-directory'?: string;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

export interface ActionRun {
  /** Of the last step that ran. */
  readonly code: number;
  /** Standard output and standard error of all steps. */
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** What is in the file that the output `json` names. */
  readonly json: unknown;
}

/** Runs the shell steps of action.yml as a runner does: expressions filled in, bash, files for outputs and summary. */
export class ActionRunner {
  readonly folder = mkdtempSync(join(tmpdir(), 'meshwright-action-'));
  readonly #action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as Action;
  #home = root;
  #running: ChildProcess | undefined;

  constructor() {
    mkdirSync(join(this.folder, 'temp'));
    cpSync(join(root, 'examples/fleet.yaml'), join(this.folder, 'examples/fleet.yaml'));
  }

  /** A forge in a folder with the example applications, where the example fleet looks for it. */
  seed(): void {
    const repositories = join(root, 'examples/repositories');
    for (const owner of readdirSync(repositories))
      for (const name of readdirSync(join(repositories, owner))) {
        const checkout = join(this.folder, 'checkouts', owner, name);
        const bare = join(this.folder, '.demo/forge', owner, `${name}.git`);
        cpSync(join(repositories, owner, name), checkout, { recursive: true });
        mkdirSync(bare, { recursive: true });
        git(bare, 'init', '--quiet', '--bare', '--initial-branch=main');
        git(checkout, 'init', '--quiet', '--initial-branch=main');
        git(checkout, 'add', '--all');
        git(checkout, 'commit', '--quiet', '--message', 'The application');
        git(checkout, 'push', '--quiet', bare, 'main');
      }
  }

  /** From now on the action is a checkout whose CLI is this script. */
  replaceCli(script: string): void {
    this.#home = join(this.folder, 'action');
    cpSync(join(root, '.github/action'), join(this.#home, '.github/action'), { recursive: true });
    mkdirSync(join(this.#home, 'dist/src'), { recursive: true });
    writeFileSync(join(this.#home, 'package.json'), '{"type":"module"}');
    writeFileSync(join(this.#home, 'dist/src/cli.js'), script);
  }

  /** @param onLog  told what the log says, as it comes */
  async run(
    inputs: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>> = {},
    onLog: (text: string) => void = () => undefined,
  ): Promise<ActionRun> {
    const defaults = Object.entries(this.#action.inputs).map(([name, input]) => [name, input.default ?? '']);
    const context = new Map<string, string>(
      [...defaults, ...Object.entries(inputs)].map(([name = '', value = '']) => [`inputs.${name}`, value]),
    );
    const summary = join(this.folder, 'summary.md');
    writeFileSync(summary, '');
    let [code, log] = [0, ''];
    let outputs: Readonly<Record<string, string>> = {};
    for (const [index, step] of this.#action.runs.steps.entries()) {
      if (step.run === undefined || code !== 0) continue;
      const script = join(this.folder, `step-${String(index)}.sh`);
      const output = join(this.folder, `output-${String(index)}`);
      writeFileSync(script, step.run);
      writeFileSync(output, '');
      const filled = Object.entries(step.env ?? {}).map(
        ([name, value]) => [name, fill(value, context)] as const,
      );
      code = await this.#bash(
        script,
        join(this.folder, fill(step['working-directory'] ?? '.', context)),
        {
          PATH: process.env.PATH,
          HOME: this.folder,
          GITHUB_WORKSPACE: this.folder,
          RUNNER_OS: 'Linux',
          RUNNER_TEMP: join(this.folder, 'temp'),
          GITHUB_ACTION_PATH: this.#home,
          GITHUB_OUTPUT: output,
          GITHUB_STEP_SUMMARY: summary,
          ...environment,
          ...Object.fromEntries(filled),
        },
        (text) => {
          log += text;
          onLog(text);
        },
      );
      outputs = readOutputs(output);
      for (const [name, value] of Object.entries(outputs))
        context.set(`steps.${step.id ?? ''}.outputs.${name}`, value);
    }
    const { json = '' } = outputs;
    const text = existsSync(json) ? readFileSync(json, 'utf8') : '';
    return {
      code,
      log,
      outputs,
      summary: readFileSync(summary, 'utf8'),
      json: text.startsWith('{') ? JSON.parse(text) : undefined,
    };
  }

  /** What a runner does first when a run is cancelled: SIGINT to the process of the step. */
  cancel(): void {
    this.#running?.kill('SIGINT');
  }

  remove(): void {
    this.#running?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  #bash(
    script: string,
    cwd: string,
    env: Readonly<Record<string, string | undefined>>,
    onLog: (text: string) => void,
  ): Promise<number> {
    const child = spawn('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', script], { cwd, env });
    this.#running = child;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        onLog(text);
      });
    return new Promise((done, fail) => {
      child.on('error', fail);
      child.on('close', (status) => {
        done(status ?? -1);
      });
    });
  }
}

/** `${{ inputs.fleet }}` and `${{ steps.run.outputs.code }}`; the action uses no other expression in its shell steps. */
function fill(text: string, context: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{\{ (\S+) \}\}/g, (_, name: string) => context.get(name) ?? '');
}

function readOutputs(file: string): Readonly<Record<string, string>> {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
