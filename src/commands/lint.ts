import { join } from 'node:path';
import { directoriesOf, type Fleet } from '../model/fleet.ts';
import type { BaselineEntry, LintConfig, LintResult, RuleAbout } from '../model/lint.ts';
import type { RepoPath } from '../model/named.ts';
import { failure, hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import { forJson } from '../model/quoted.ts';
import type { FileChange } from '../model/snapshot.ts';
import type { Folder } from '../flows/read-clusters.ts';
import type { Linting } from '../flows/lint.ts';
import type { LintJson } from '../report/lint.ts';
import {
  absolute,
  command,
  fleetFileOf,
  isSet,
  misuse,
  refusal,
  textOption,
  usage,
  type Input,
  type Result,
  type Services,
} from './command.ts';

const formats = ['pretty', 'json', 'sarif', 'github'] as const;
const severities = ['error', 'warning', 'info'] as const;
const defaultBaseline = '.meshwright/lint-baseline.json';
import { readFleetTexts } from './fleet-texts.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'lint',
  summary: 'find what breaks in a mesh, in any folder of manifests',
  argument: {
    name: '[path...]',
    help: 'folders or files, of one repository or several (default: this folder)',
  },
  options: [
    { flags: '--format <name>', help: 'pretty, json, sarif or github (annotations) (default: pretty)' },
    { flags: '--fix', help: 'fix what can be fixed safely, and change no other byte' },
    { flags: '--dry-run', help: 'with --fix: print the diff, write nothing, exit 1 if there is one' },
    {
      flags: '--fail-on <severity>',
      help: 'lowest severity that makes the exit code 1: error, warning or info (default: error)',
    },
    { flags: '--quiet', help: 'print errors only' },
    { flags: '--max-warnings <number>', help: 'exit 1 if there are more warnings than this' },
    {
      flags: '--baseline <file>',
      help: `file of accepted findings (default: ${defaultBaseline}, if it exists)`,
    },
    { flags: '--update-baseline', help: 'write the current findings to the baseline' },
    { flags: '--no-fleet', help: 'do not look for a fleet file' },
    { flags: '--explain [rule]', help: 'explain a rule; without a name, list all rules' },
  ],
  examples: [
    'meshwright lint',
    'meshwright lint ../shop ../payments --format sarif > lint.sarif',
    'meshwright lint apps --fix --dry-run',
    'meshwright lint --update-baseline',
    'meshwright lint --explain tls-without-mode',
  ],
  run: lint,
});

async function lint(input: Input, services: Services): Promise<Result<Outputs['lint']>> {
  if (input.options.explain !== undefined) return explain(input, services);
  const wrong = misuses(input);
  if (wrong.length > 0) return usage(wrong);
  const folders = await foldersOf(input, services);
  if (!folders.ok) return usage(folders.problems);
  const linting = await lintingOf(input, folders.value, services);
  if (!linting.ok) return usage(linting.problems);
  const placed = await placeTargets(folders.value, linting.value.fleet, services);
  return isSet(input, 'fix')
    ? fix(placed, linting.value, input, services)
    : look(placed, linting.value, input, services);
}

function misuses(input: Input): readonly Problem[] {
  const format = textOption(input, 'format') ?? 'pretty';
  const failOn = textOption(input, 'failOn') ?? 'error';
  const found: Problem[] = [];
  if (!formats.some((name) => name === format))
    found.push(misuse(`There is no format "${format}".`, `Use one of ${formats.join(', ')}.`));
  if (!severities.some((name) => name === failOn))
    found.push(misuse(`There is no severity "${failOn}".`, `Use one of ${severities.join(', ')}.`));
  const most = textOption(input, 'maxWarnings');
  if (most !== undefined && !/^\d{1,9}$/.test(most))
    found.push(misuse(`--max-warnings takes a number, not "${most}".`, 'Use a whole number, such as 0.'));
  if (isSet(input, 'dryRun') && !isSet(input, 'fix'))
    found.push(
      misuse('--dry-run needs --fix; lint alone writes nothing.', 'Add --fix, or remove --dry-run.'),
    );
  return found;
}

/** A checkout, and what in it was asked for. */
interface Asked {
  readonly root: string;
  readonly folder: Folder;
}

async function foldersOf(input: Input, services: Services): Promise<Outcome<readonly Asked[]>> {
  const roots = new Map<string, RepoPath[]>();
  for (const name of input.names.length === 0 ? ['.'] : input.names) {
    const found = await services.checkoutOf(absolute(services.workingDirectory, name));
    if (found === undefined)
      return failure(
        misuse(`There is no file or folder "${name}".`, 'Name folders or files with manifests.'),
      );
    roots.set(found.root, [...(roots.get(found.root) ?? []), found.path]);
  }
  const asked: Asked[] = [];
  for (const [root, paths] of roots) {
    const tree = await services.files.tree(root);
    if (!tree.ok) return tree;
    const nameOf = (path: RepoPath) => services.nameOf(join(root, path));
    const whole = paths.includes('' as RepoPath) ? [] : paths;
    asked.push({ root, folder: { tree: tree.value, nameOf, paths: whole, targets: new Map() } });
  }
  return success(asked);
}

async function lintingOf(
  input: Input,
  asked: readonly Asked[],
  services: Services,
): Promise<Outcome<Linting>> {
  const { rules } = await import('../lint/all-rules.ts');
  const { unknownRules } = await import('../flows/lint.ts');
  const fleet = await fleetOf(input, services);
  if (!fleet.ok) return fleet;
  const configs: LintConfig[] = fleet.value === undefined ? [] : [fleet.value.fleet.lint];
  const problems: Problem[] =
    fleet.value === undefined ? [] : [...unknownRules(fleet.value.fleet.lint, rules, fleet.value.file)];
  for (const { root, folder } of asked) {
    const path = '.meshwright/lint.yaml' as RepoPath;
    if (!folder.tree.snapshot.paths.has(path)) continue;
    const { loadLintConfig } = await import('../fleet/lint-config.ts');
    const file = join(root, path);
    const text = await services.files.readText(file);
    if (!text.ok) return text;
    const config = loadLintConfig(text.value, services.nameOf(file));
    if (!config.ok) return config;
    problems.push(...unknownRules(config.value, rules, services.nameOf(file)));
    configs.push(config.value);
  }
  const baseline = await baselineOf(input, services);
  if (!baseline.ok) return baseline;
  if (hasErrors(problems)) return failure(...problems);
  return success({ rules, config: merged(configs), baseline: baseline.value, fleet: fleet.value?.fleet });
}

/** Later ones win: a repository knows itself better than the fleet does. */
function merged(configs: readonly LintConfig[]): LintConfig {
  return {
    severities: new Map(configs.flatMap((config) => [...config.severities])),
    overrides: configs.flatMap(({ overrides }) => overrides),
    ignore: configs.flatMap(({ ignore }) => ignore),
  };
}

async function fleetOf(
  input: Input,
  services: Services,
): Promise<Outcome<{ readonly fleet: Fleet; readonly file: string } | undefined>> {
  if (input.options.fleet === false) return success(undefined);
  const found = await fleetFileOf(input, services);
  if (!found.ok) return found;
  const file = found.value;
  if (file === undefined) return success(undefined);
  const texts = await readFleetTexts(file, services);
  if (!texts.ok) return texts;
  const { loadFleetTexts } = await import('../fleet/load.ts');
  const fleet = loadFleetTexts({ ...texts.value, paths: 'skipped' });
  return fleet.ok ? success({ fleet: fleet.value, file }) : fleet;
}

async function baselineOf(input: Input, services: Services): Promise<Outcome<readonly BaselineEntry[]>> {
  if (isSet(input, 'updateBaseline')) return success([]);
  const said = textOption(input, 'baseline');
  const file = said ?? defaultBaseline;
  const text = await services.files.readText(absolute(services.workingDirectory, file));
  if (!text.ok) return said === undefined ? success([]) : text;
  const { parseBaseline } = await import('../lint/baseline.ts');
  return parseBaseline(text.value, file);
}

/** A folder with its place on this machine. */
interface Placed extends Folder {
  readonly root: string;
}

/** Tells each folder which of its directories the fleet knows. */
async function placeTargets(
  asked: readonly Asked[],
  fleet: Fleet | undefined,
  services: Services,
): Promise<readonly Placed[]> {
  const folders: Placed[] = [];
  for (const { root, folder } of asked) {
    const origin = await services.originOf(root);
    const named = root.split('/').slice(-2).join('/');
    const targets = (fleet?.targets ?? []).filter(({ repository }) => repository === (origin ?? named));
    folders.push({
      ...folder,
      root,
      targets: new Map(
        targets.flatMap((target) =>
          target.kind === 'cluster'
            ? []
            : target.specs.flatMap((spec) =>
                directoriesOf(spec).map((directory) => [directory, spec] as const),
              ),
        ),
      ),
    });
  }
  return folders;
}

async function look(
  folders: readonly Placed[],
  linting: Linting,
  input: Input,
  services: Services,
): Promise<Result<Outputs['lint']>> {
  const { lintFolders } = await import('../flows/lint.ts');
  const found = await lintFolders(folders, linting);
  if (!found.ok) return usage(found.problems);
  if (found.value.files === 0 && found.value.problems.length === 0)
    return usage([
      misuse(
        'No manifests were found: there is no YAML file to read.',
        'Name folders or files with manifests.',
      ),
    ]);
  if (isSet(input, 'updateBaseline')) return updateBaseline(found.value, input, services);
  return report(found.value, found.value.texts, '', input, services);
}

async function updateBaseline(
  { problems }: LintResult,
  input: Input,
  services: Services,
): Promise<Result<Outputs['lint']>> {
  const { printBaseline } = await import('../lint/baseline.ts');
  const file = textOption(input, 'baseline') ?? defaultBaseline;
  const written = await services.files.writeText(
    absolute(services.workingDirectory, file),
    printBaseline(problems),
  );
  if (!written.ok) return refusal(written.problems);
  const text = `Wrote ${String(problems.length)} ${problems.length === 1 ? 'finding' : 'findings'} to ${file}; from now on only other findings are reported.\n`;
  return { code: 0, text, json: { baseline: file, findings: problems.length }, problems: [] };
}

async function fix(
  folders: readonly Placed[],
  linting: Linting,
  input: Input,
  services: Services,
): Promise<Result<Outputs['lint']>> {
  const { fixFolders } = await import('../flows/lint.ts');
  const fixed = await fixFolders(folders, linting);
  if (!fixed.ok) return usage(fixed.problems);
  const { before, after, result, problems } = fixed.value;
  const isDry = isSet(input, 'dryRun');
  for (const { root, nameOf, tree } of folders) {
    const changes = [...tree.snapshot.paths].flatMap((path): FileChange[] => {
      const text = after.get(nameOf(path));
      return text === undefined ? [] : [{ path, before: before.get(nameOf(path)), after: text }];
    });
    const written = isDry ? success(undefined) : await services.files.write(root, changes);
    if (!written.ok) return refusal(written.problems);
  }
  const { describeDiffs, unifiedDiff } = await import('../report/diff.ts');
  const changes = [...after].map(([file, text]) => ({
    path: file as RepoPath,
    before: before.get(file),
    after: text,
  }));
  const diff = isDry ? describeDiffs(changes, services.colours) : '';
  const told = `${diff}${String(fixed.value.fixed)} ${isDry ? 'can be fixed' : 'fixed'} in ${String(changes.length)} ${changes.length === 1 ? 'file' : 'files'}.\n`;
  const left = { ...result, problems: [...result.problems, ...problems] };
  const texts = new Map([...before, ...after]);
  const said = await report(left, texts, told, input, services);
  return {
    ...said,
    code: isDry && changes.length > 0 ? 1 : said.code,
    json: {
      ...said.json,
      fixed: fixed.value.fixed,
      changes: changes.map((change) => ({ file: change.path, diff: unifiedDiff(change) })),
    },
  };
}

/** The findings in the format asked for. The text holds them all, so that they are not printed a second time. */
async function report(
  result: LintResult,
  texts: ReadonlyMap<string, string>,
  told: string,
  input: Input,
  services: Services,
): Promise<Result<LintJson> & { readonly json: LintJson }> {
  const { describeLint, summarizeLint, lintAsJson } = await import('../report/lint.ts');
  const threshold = severities.indexOf((textOption(input, 'failOn') ?? 'error') as 'error');
  const warnings = result.problems.filter(({ severity }) => severity === 'warning').length;
  const isOver = warnings > Number(textOption(input, 'maxWarnings') ?? Infinity);
  const isFailed = result.problems.some(({ severity }) => severities.indexOf(severity) <= threshold);
  const code = isOver || isFailed ? 1 : 0;
  const problems = isSet(input, 'quiet')
    ? result.problems.filter(({ severity }) => severity === 'error')
    : result.problems;
  const shown = { ...result, problems };
  const described = { code, json: lintAsJson(result), problems, areProblemsShown: true } as const;
  const format = textOption(input, 'format') ?? 'pretty';
  if (format === 'github') {
    const { asAnnotations } = await import('../report/annotations.ts');
    return { ...described, text: asAnnotations(problems), reader: 'runner' };
  }
  if (format === 'sarif') {
    const { asSarif } = await import('../report/sarif.ts');
    const { rules } = await import('../lint/all-rules.ts');
    const sarif = asSarif(shown, rules, services.version);
    return { ...described, text: `${forJson(JSON.stringify(sarif, undefined, 2))}\n`, reader: 'program' };
  }
  const findings = describeLint(shown, texts, services.colours);
  const text = `${findings}${findings === '' ? '' : '\n'}${told}${summarizeLint(result)}\n`;
  return { ...described, text };
}

async function explain(input: Input, services: Services): Promise<Result<Outputs['lint']>> {
  const { rules } = await import('../lint/all-rules.ts');
  const { listRules } = await import('../report/rule-page.ts');
  const name = textOption(input, 'explain');
  if (name === undefined)
    return { code: 0, text: listRules(rules), json: { rules: rules.map(about) }, problems: [] };
  const meant = rules.filter(({ id, equivalent }) => id === name || equivalent.includes(name.toUpperCase()));
  const [rule] = meant;
  if (rule === undefined) {
    const { nearest } = await import('../fleet/nearest.ts');
    const guess = nearest(
      name,
      rules.map(({ id }) => id),
    );
    const fix = guess === undefined ? 'meshwright lint --explain lists them.' : `Did you mean ${guess}?`;
    return usage([misuse(`There is no rule "${name}".`, fix)]);
  }
  const pages: string[] = [];
  for (const each of meant) {
    const page = await services.document(`docs/rules/${each.id}.md`);
    pages.push(page.ok ? page.value : listRules([each]));
  }
  const json = meant.length === 1 ? about(rule) : { rules: meant.map(about) };
  return { code: 0, text: pages.join('\n'), json, problems: [] };
}

function about({
  id,
  severity,
  kinds,
  summary,
  why,
  fix,
  equivalent,
  see,
}: Linting['rules'][number]): RuleAbout {
  return { id, severity, kinds, summary, why, fix, equivalent, see };
}
