import { fstatSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command as Program, CommanderError } from 'commander';
import { misuse, type Command, type Input, type Result, type Services } from './commands/command.ts';
import { commands } from './commands/index.ts';
import { createFiles } from './adapters/files.ts';
import { interruption } from './adapters/interruption.ts';
import { createProgressLine } from './adapters/progress-line.ts';
import { guardOutput } from './adapters/guarded-output.ts';
import { redact } from './adapters/redact.ts';
import { systemProblem } from './adapters/system-error.ts';
import { readableStack } from './adapters/stack.ts';
import { createScreen } from './adapters/screen.ts';
import { systemClock } from './adapters/clock.ts';
import { cacheDirectory, checkoutOf, findFleetFile, originOf } from './adapters/surroundings.ts';
import { Interrupted, type Charts, type Terminal } from './model/ports.ts';
import { forJson, forLog, forPerson } from './model/quoted.ts';
import { success, type Outcome, type Problem } from './model/problem.ts';

const environment = process.env;
/** dist/src/parts/ lies three folders below the package. */
const home = fileURLToPath(new URL('../../../', import.meta.url));

const showsStack = (environment.DEBUG ?? '') !== '';
guardOutput(environment);

async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Program('meshwright')
    .description(
      'Moves Kubernetes applications into an Istio mesh, one namespace and one pull request at a time.',
    )
    .version(version(), '-V, --version')
    .showHelpAfterError('(meshwright --help lists the commands)')
    .configureHelp({ sortSubcommands: false })
    .configureOutput({
      writeErr: (text) => (argv.includes('--json') ? undefined : process.stderr.write(forPerson(text))),
    })
    .exitOverride();
  for (const command of commands) {
    const sub = place(program, command.id).description(command.summary).copyInheritedSettings(program);
    if (command.argument !== undefined) sub.argument(command.argument.name, command.argument.help);
    for (const { flags, help } of command.options) sub.option(flags, help);
    sub
      .option('--fleet <file>', 'the fleet file (default: fleet.yaml here or above)')
      .option('--json', 'print the result as JSON on standard output')
      .addHelpText('after', `\nExamples:\n${command.examples.map((line) => `  ${line}`).join('\n')}`)
      .action(async (...args: unknown[]) => {
        code = await runCommand(command, inputOf(args[0], sub.opts()));
      });
  }
  try {
    if (argv.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    if (argv.includes('--json')) {
      const { problemAsJson } = await import('./report/problems.ts');
      await write(process.stdout, usageJson(error.message, problemAsJson));
    }
    return 2;
  }
}

/** `wave plan` is the command `plan` of a group `wave`. */
function place(program: Program, id: string): Program {
  const [name = '', ...rest] = id.split(' ');
  if (rest.length === 0) return program.command(name);
  const known = program.commands.find((each) => each.name() === name);
  const group =
    known ??
    program
      .command(name)
      .description(groups[name] ?? '')
      .copyInheritedSettings(program);
  return place(group, rest.join(' '));
}

const groups: Readonly<Record<string, string>> = {
  calls: 'the calls that the fleet declares',
  wave: 'move namespaces in waves, in an order that breaks no call',
};

function usageJson(text: string, asJson: (problem: Problem) => object): string {
  const [message = '', fix] = text.replace(/^error: /, '').split('\n');
  const problem = misuse(message, fix ?? 'See meshwright --help.');
  return `${JSON.stringify({ problems: [asJson(problem)] }, undefined, 2)}\n`;
}

function inputOf(names: unknown, options: Record<string, unknown>): Input {
  const list = Array.isArray(names) ? names.map(String) : typeof names === 'string' ? [names] : [];
  return { names: list, options: options as Input['options'] };
}

function version(): string {
  const manifest = JSON.parse(readFileSync(`${home}package.json`, 'utf8')) as { readonly version: string };
  return manifest.version;
}

/** `--format json` of a command that has formats is `--json`. */
function isJsonAsked({ options }: Input): boolean {
  return options.json === true || options.format === 'json';
}

async function runCommand(command: Command, input: Input): Promise<number> {
  const isJson = isJsonAsked(input);
  const [{ paint }, { describeProblems, countProblems, problemAsJson }] = await Promise.all([
    import('./report/paint.ts'),
    import('./report/problems.ts'),
  ]);
  const colours = (stream: NodeJS.WriteStream) =>
    paint(
      (environment.NO_COLOR ?? '') === '' && ((environment.FORCE_COLOR ?? '') !== '' || stream.isTTY),
      stream.isTTY,
    );
  const result: Result = await command.run(
    input,
    await servicesFor(command, input, isJson, colours(process.stdout)),
  );
  const said = unique(result.problems);
  let isEmpty = true;
  if (isJson) {
    const { jsonText } = await import('./report/json-text.ts');
    const json = { ...result.json, problems: said.map(problemAsJson) };
    await writeAll(process.stdout, jsonText(json, withoutSecrets));
  } else isEmpty = !(await writeAll(process.stdout, result.parts?.() ?? [result.text], quotingFor(result)));
  if (said.length > 0 && !isJson && result.areProblemsShown !== true) {
    await write(
      process.stderr,
      forPerson(
        `${isEmpty ? '' : '\n'}${describeProblems(said, colours(process.stderr))}\n${countProblems(said)}\n`,
      ),
    );
  }
  return result.code;
}

/** How a result's text is quoted on its way out: the bytes that a program asked for stay, except where a person or a runner
 *  reads them in its place. */
function quotingFor({ reader = 'person' }: Result): (text: string) => string {
  if (reader === 'person' || process.stdout.isTTY) return forPerson;
  const isLog = reader === 'program' && environment.GITHUB_ACTIONS === 'true' && !fstatSync(1).isFile();
  return isLog ? forLog : (text) => text;
}

async function servicesFor(
  command: Command,
  input: Input,
  isJson: boolean,
  colours: Services['colours'],
): Promise<Services> {
  const files = createFiles(join(cacheDirectory(environment), 'locks'));
  const line = createProgressLine(isJson ? process.stderr : process.stdout, process.stderr, () => Date.now());
  return {
    files,
    terminal: await terminalFor(command, input),
    colours,
    workingDirectory: process.cwd(),
    nameOf: (file) => relative(process.cwd(), file).replaceAll('\\', '/'),
    today: () => new Date().toISOString().slice(0, 10),
    now: () => Date.now(),
    finishOnInterrupt: () => interruption.arm(),
    redraw: createScreen(process.stdout),
    async pause(seconds) {
      await interruption.pause(seconds);
    },
    progress: line.tell,
    count: line.count,
    async findFleet() {
      const file = await findFleetFile(process.cwd());
      if (!file.ok) return file;
      return success(file.value === undefined ? undefined : relative(process.cwd(), file.value));
    },
    async templates(version) {
      const { readTemplates } = await import('./adapters/templates.ts');
      return readTemplates(`${home}templates`, version);
    },
    async forge(spec, fleetFile) {
      const { openCache } = await import('./adapters/cache-folder.ts');
      if (spec.kind === 'local') {
        const cache = await openCache(environment);
        if (!cache.ok) return cache;
        const { createLocalForge } = await import('./adapters/local-forge.ts');
        return success(
          createLocalForge({
            directory: resolve(dirname(fleetFile), spec.directory),
            cacheDirectory: cache.value,
          }),
        );
      }
      const api = await githubApi(spec.api, fleetFile);
      if (!api.ok) return api;
      const { readCredentials } = await import('./adapters/credentials.ts');
      const credentials = await readCredentials(environment);
      if (!credentials.ok) return credentials;
      const cache = await openCache(environment);
      if (!cache.ok) return cache;
      const { openGitHub } = await import('./adapters/open-github.ts');
      return openGitHub(environment, {
        api: api.value,
        cacheDirectory: cache.value,
        credentials: credentials.value,
        limits: spec.limits,
        clock: systemClock,
        onWait: line.wait,
      });
    },
    charts,
    originOf,
    checkoutOf,
    version: version(),
    document: (name) => files.readText(`${home}${name}`),
    async installMergeDriver(directory) {
      const { installMergeDriver } = await import('./adapters/merge-driver.ts');
      return installMergeDriver(directory, `${home}dist/src/cli.js`);
    },
  };
}

async function charts(): Promise<Outcome<Charts>> {
  const [{ operatorCharts }, { readOperatorConfig }, { createHelm, helmOnPath }] = await Promise.all([
    import('./fleet/operator-charts.ts'),
    import('./adapters/operator-config.ts'),
    import('./adapters/helm.ts'),
  ]);
  const config = await readOperatorConfig(environment);
  if (!config.ok) return config;
  const settings = operatorCharts(environment, config.value);
  if (!settings.ok) return settings;
  const { program: named, hosts } = settings.value;
  const program = named === 'off' ? undefined : (named ?? (await helmOnPath(environment.PATH ?? '')));
  return success(createHelm({ program, hosts, cacheDirectory: cacheDirectory(environment) }));
}

/** The REST root that credentials may be sent to, or why the one of the fleet file is not. */
async function githubApi(declared: string | undefined, fleetFile: string): Promise<Outcome<string>> {
  const [{ apiOf, operatorHost }, { readOperatorConfig }] = await Promise.all([
    import('./fleet/operator-host.ts'),
    import('./adapters/operator-config.ts'),
  ]);
  const config = await readOperatorConfig(environment);
  if (!config.ok) return config;
  const operator = operatorHost(environment, config.value);
  return operator.ok ? apiOf(declared, operator.value, fleetFile) : operator;
}

/** Questions only where a person sits: with a terminal, not in CI, not with answers from a file. */
async function terminalFor(command: Command, input: Input): Promise<Terminal> {
  const asks = command.id === 'new' || command.id === 'init';
  const isInteractive =
    asks &&
    process.stdin.isTTY &&
    process.stderr.isTTY &&
    (environment.CI ?? '') === '' &&
    input.options.answers === undefined;
  if (isInteractive) {
    const { createTerminal } = await import('./adapters/terminal.ts');
    return createTerminal();
  }
  const refuse = (): never => {
    throw new Error('a question was asked without a terminal');
  };
  return {
    interactive: false,
    input: refuse,
    select: refuse,
    checkbox: refuse,
    confirm: refuse,
    show: (text) => {
      process.stderr.write(forPerson(text));
    },
  };
}

function withoutSecrets(value: unknown): unknown {
  return JSON.parse(redact(JSON.stringify(value)));
}

function unique<T extends Problem>(problems: readonly T[]): readonly T[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (text === '') return Promise.resolve();
  return new Promise((done) => {
    stream.write(text, () => {
      done();
    });
  });
}

const chunk = 64 * 1024;

/** No part is cut: what hides secrets sees each one whole.
 *  @returns whether there was anything to write */
async function writeAll(
  stream: NodeJS.WriteStream,
  parts: Iterable<string>,
  quoted: (text: string) => string = (text) => text,
): Promise<boolean> {
  let [hasAny, waiting] = [false, ''];
  for (const part of parts) {
    waiting += part;
    hasAny ||= part !== '';
    if (waiting.length < chunk) continue;
    await write(stream, quoted(waiting));
    waiting = '';
  }
  await write(stream, quoted(waiting));
  return hasAny;
}

/** Who reads the result may have seen enough (`| head`), which is no error; a run that writes elsewhere goes on without. A
 *  full disk is one. */
let isUnheard = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (isUnheard) return;
  isUnheard = true;
  if (error.code === 'EPIPE') {
    if (!interruption.isArmed) process.exit(0);
    return;
  }
  process.stderr.write(forPerson(`the result could not be written: ${error.message}\n`), () =>
    process.exit(3),
  );
});
/** Nobody is left to be told. */
process.stderr.on('error', () => undefined);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (interruption.press()) process.exit(130);
    process.stderr.write(
      `\nfinishing work in progress; ${signal === 'SIGINT' ? 'press Ctrl-C again' : 'send it again'} to stop at once\n`,
    );
  });

/** Node would print an error that nobody caught past every filter. */
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error: unknown) => {
    process.exit(reportFailure(error));
  });

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Interrupted) {
    process.stderr.write('\ninterrupted; nothing more was done\n');
    process.exitCode = 130;
  } else {
    process.exitCode = reportFailure(error);
  }
}

/** What ended the run, in the form that was asked for.
 *  @returns the exit code: 3 where the machine refused something, 70 for a bug */
function reportFailure(error: unknown): 3 | 70 {
  const problem = systemProblem(error);
  if (problem === undefined) {
    reportBug(error);
    return 70;
  }
  if (process.argv.includes('--json'))
    process.stdout.write(forJson(`${JSON.stringify({ problems: [problem] })}\n`));
  else
    process.stderr.write(
      forPerson(`error ${problem.rule}\n  ${problem.message}\n  fix  ${problem.fix ?? ''}\n`),
    );
  return 3;
}

function reportBug(error: unknown): void {
  const shown =
    error instanceof Error
      ? showsStack
        ? readableStack(error.stack ?? error.message, home)
        : error.message
      : String(error);
  process.stderr.write(
    forPerson(
      `meshwright has a bug: ${shown}\nRun again with DEBUG=1 to see the stack trace, and report the bug with it.\n`,
    ),
  );
}
