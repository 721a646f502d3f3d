import { isAbsolute, join, normalize } from 'node:path';
import type { TemplateTexts } from '../model/bundle.ts';
import type { ForgeSpec } from '../model/fleet.ts';
import type { LintProblem } from '../model/lint.ts';
import type { RepoPath } from '../model/named.ts';
import type { Charts, Files, Forge, Terminal } from '../model/ports.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import type { Paint } from '../report/paint.ts';
import type { CommandId, Outputs } from './outputs.ts';

/** A flag as data; help, parsing and the README's tables derive from it. */
export interface Option {
  /** As commander writes them: `--out <dir>`. */
  readonly flags: string;
  readonly help: string;
}

/** A command: one file in this folder, one line in index.ts, its JSON in outputs.ts. */
export interface Command<Id extends CommandId = CommandId> {
  readonly id: Id;
  readonly summary: string;
  /** `target...` takes many, `[name]` is optional. */
  readonly argument?: { readonly name: string; readonly help: string };
  readonly options: readonly Option[];
  /** Whole command lines; the first is the one to try. */
  readonly examples: readonly string[];
  run(input: Input, services: Services): Promise<Result<Outputs[Id]>>;
}

/** Holds a command to its type, its JSON included. */
export function command<Id extends CommandId>(definition: Command<Id>): Command<Id> {
  return definition;
}

/** What was typed. */
export interface Input {
  readonly names: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** The effects a command may use, wired by cli.ts. */
export interface Services {
  readonly files: Files;
  readonly terminal: Terminal;
  readonly colours: Paint;
  readonly workingDirectory: string;
  /** A file's name as a person in the working directory writes it, with `/`. */
  nameOf(file: string): string;
  /** Today's date, `2026-11-24`: only exemptions with a last day ask for it. */
  today(): string;
  /** Milliseconds since 1970: what soak times are counted with. */
  now(): number;
  /** From now on the first Ctrl-C asks the run to end after the step under way, and only the second ends it at once.
   *  @returns whether it was asked */
  finishOnInterrupt(): () => boolean;
  /** Shows a text in place of the one shown before; without a terminal only a text that is another.
   *  @param hint  a last line for a person at a terminal */
  redraw(text: string, hint: string): void;
  /** Ends early when the run is to end. */
  pause(seconds: number): Promise<void>;
  /** Tells a result while the run goes on: standard output, or standard error with `--json`. */
  progress(line: string): void;
  /** Tells a person how far the run is. */
  count(done: number, total: number): void;
  /** The nearest `fleet.yaml` in this folder or above, within the repository; one of another user is a problem. */
  findFleet(): Promise<Outcome<string | undefined>>;
  /** The built-in templates: today's, or those of an earlier version. */
  templates(version: string | undefined): Promise<Outcome<TemplateTexts>>;
  /** @param fleetFile  relative folders of a local forge are relative to it */
  forge(spec: ForgeSpec, fleetFile: string): Promise<Outcome<Forge>>;
  /** What renders charts, as the operator has set it up. */
  charts(): Promise<Outcome<Charts>>;
  /** Makes git merge YAML with `meshwright merge` in the clone that holds `directory`.
   *  @returns the command line git will run, and the attributes file that names it */
  installMergeDriver(
    directory: string,
  ): Promise<Outcome<{ readonly command: string; readonly attributes: string }>>;
  /** The checkout that a file or folder lies in, and where; the folder itself when it is in none; undefined: there is no
   *  such file or folder. */
  checkoutOf(path: string): Promise<{ readonly root: string; readonly path: RepoPath } | undefined>;
  /** A text that comes with the package: `docs/rules/tls-without-mode.md`. */
  document(name: string): Promise<Outcome<string>>;
  /** Meshwright's own version. */
  readonly version: string;
  /** `owner/name` of a checkout's remote "origin", when it has one. */
  originOf(directory: string): Promise<string | undefined>;
}

/** What a command has to say; cli.ts prints it and exits. */
export interface Result<Json extends object = object> {
  readonly code: 0 | 1 | 2 | 3 | 130;
  /** For people, on standard output. Where making it costs something, a getter: with `--json` nobody asks. */
  readonly text: string;
  /** `text` part by part, for one too long to be held. */
  readonly parts?: () => Iterable<string>;
  /** For programs, on standard output with `--json`; cli.ts adds `problems`. undefined: the command was refused before
   *  there was a result, and its JSON is the problems alone. Where making it costs something, a getter: without `--json`
   *  nobody asks. */
  readonly json: (Json & { readonly problems?: never }) | undefined;
  /** Every problem of the run. For people, on standard error; for programs, in the JSON as `problems`. */
  readonly problems: readonly (Problem | LintProblem)[];
  /** `text`, or what a person saw before it, shows the problems in its own way: they are not printed again. */
  readonly areProblemsShown?: boolean;
  /** Whom `text` is for. `person` (unless it says otherwise): nothing in it steers a terminal or a runner. `program`: outside
   *  of both its bytes stay. `runner`: commands to GitHub's runner, each made of quoted parts. */
  readonly reader?: 'person' | 'program' | 'runner';
}

/** A path that the user named, from the working directory.
 *  @param workingDirectory  absolute */
export function absolute(workingDirectory: string, path: string): string {
  return isAbsolute(path) ? normalize(path) : join(workingDirectory, path);
}

export function textOption(input: Input, name: string): string | undefined {
  const value = input.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The fleet file of `--fleet`, or the nearest one; undefined: there is none. */
export function fleetFileOf(input: Input, services: Services): Promise<Outcome<string | undefined>> {
  const named = textOption(input, 'fleet');
  return named === undefined ? services.findFleet() : Promise.resolve(success(named));
}

export function isSet(input: Input, name: string): boolean {
  return input.options[name] === true;
}

/** Options that every command with targets has. */
export const selectionOptions: readonly Option[] = [
  { flags: '--all', help: 'every target of the fleet' },
  { flags: '--environment <name>', help: 'the targets of one environment' },
  { flags: '--cluster <name>', help: 'the targets of one cluster' },
  { flags: '--shard <i/n>', help: 'one of n parts, split by repository, to share the work between machines' },
];

export const targetArgument = {
  name: '[target...]',
  help: 'shop@lab; shop for all its environments; * matches any part',
};

/** A refusal before anything was done: exit code 2. */
export function usage(problems: readonly Problem[]): Result<never> {
  return { code: 2, text: '', json: undefined, problems };
}

/** A run that ended before there was a result: the problems say why.
 *  @param isDifferent  whether it counts as 1 though no problem is an error */
export function refusal(problems: readonly Problem[], isDifferent = false): Result<never> {
  return { code: codeFor(problems, isDifferent), text: '', json: undefined, problems };
}

/** A wrong use of the command line, as a problem. */
export function misuse(message: string, fix: string): Problem {
  return { rule: 'usage', severity: 'error', message, fix };
}

/** The exit code of a run's problems: 3 when an external service or the machine failed, 1 for other errors.
 *  @param isDifferent  whether differences themselves count as 1 */
export function codeFor(problems: readonly Problem[], isDifferent = false): 0 | 1 | 3 {
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.some(({ rule }) => /^(?:forge|files|machine)-/.test(rule))) return 3;
  return errors.length > 0 || isDifferent ? 1 : 0;
}
