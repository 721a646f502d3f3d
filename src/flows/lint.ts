import { nearest } from '../fleet/nearest.ts';
import { lint } from '../lint/lint.ts';
import { withoutKnown } from '../lint/baseline.ts';
import { repair } from '../lint/repair.ts';
import type { Rule } from '../lint/rule.ts';
import { suppress } from '../lint/suppressions.ts';
import { matcherOf, severityOverrides } from '../lint/severity-overrides.ts';
import type { BaselineEntry, LintConfig, LintResult } from '../model/lint.ts';
import type { Fleet } from '../model/fleet.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import { withFiles } from '../model/snapshot.ts';
import { readClusters, type Folder, type ReadClusters } from './read-clusters.ts';

/** What a run of rules goes by. */
export interface Linting {
  readonly rules: readonly Rule[];
  readonly config: LintConfig;
  readonly baseline: readonly BaselineEntry[];
  readonly fleet: Fleet | undefined;
}

/** Runs rules over folders of manifests, one or several repositories at once. Nothing is written. */
export async function lintFolders(
  folders: readonly Folder[],
  linting: Linting,
): Promise<Outcome<LintResult & { readonly texts: ReadonlyMap<string, string> }>> {
  const clusters = await readClusters(folders, linting.fleet);
  if (!clusters.ok) return clusters;
  return success({ ...lintClusters(clusters.value, linting), texts: clusters.value.texts });
}

/** Runs rules over what was read, and takes out what people have decided to live with. */
export function lintClusters(clusters: ReadClusters, { rules, config, baseline }: Linting): LintResult {
  const isIgnored = matcherOf(config.ignore);
  const names = new Set(rules.map(({ id }) => id));
  const inCheckout = (file: string) => clusters.paths.get(file) ?? file;
  const severities = severityOverrides(config);
  const found = [
    ...clusters.problems,
    ...lint(clusters.inventories, rules, (rule, file) => severities(rule, inCheckout(file))),
  ];
  const asked = found.filter(({ file }) => file === undefined || !isIgnored(inCheckout(file)));
  const suppressed = suppress(asked, clusters.texts, names);
  const known = withoutKnown(suppressed.problems, baseline);
  return {
    problems: known.problems,
    accepted: [...suppressed.accepted, ...known.accepted],
    files: clusters.texts.size,
  };
}

/** More rounds than this mean two repairs that undo each other. */
const maxRounds = 10;

/** Makes the repairs that findings offer, and looks again until there are none left. Nothing is written.
 *  @returns the texts that change, by the name they are shown with, and what is left to say */
export async function fixFolders(
  folders: readonly Folder[],
  linting: Linting,
): Promise<
  Outcome<{
    readonly result: LintResult;
    readonly before: ReadonlyMap<string, string>;
    readonly after: ReadonlyMap<string, string>;
    readonly fixed: number;
    readonly problems: readonly Problem[];
  }>
> {
  const after = new Map<string, string>();
  const refused: Problem[] = [];
  let before: ReadonlyMap<string, string> | undefined;
  let fixed = 0;
  for (let round = 1; ; round++) {
    const found = await lintFolders(
      folders.map((folder) => withTexts(folder, after)),
      linting,
    );
    if (!found.ok) return found;
    before ??= found.value.texts;
    const repaired = repair(found.value.problems, found.value.texts);
    if (repaired.texts.size === 0 || round > maxRounds)
      return success({ result: found.value, before, after, fixed, problems: refused });
    for (const [file, text] of repaired.texts) after.set(file, text);
    fixed += repaired.count - repaired.problems.length;
    if (round === 1) refused.push(...repaired.problems);
  }
}

/** The folder as if some of its files had other texts. */
function withTexts(folder: Folder, texts: ReadonlyMap<string, string>): Folder {
  const { tree, nameOf } = folder;
  const own = [...tree.snapshot.paths].flatMap((path) => {
    const text = texts.get(nameOf(path));
    return text === undefined ? [] : [[path, text] as const];
  });
  const snapshot = withFiles(tree.snapshot, { files: new Map(own), unreadable: new Set() });
  return { ...folder, tree: { ...tree, snapshot } };
}

/** What a configuration says of rules that do not exist. */
export function unknownRules(config: LintConfig, rules: readonly Rule[], file: string): readonly Problem[] {
  const names = rules.map(({ id }) => id);
  const said = [config.severities, ...config.overrides.map(({ severities }) => severities)].flatMap(
    (each) => [...each.keys()],
  );
  return [...new Set(said)]
    .filter((name) => !names.includes(name))
    .map((name) => {
      const guess = nearest(name, names);
      return {
        rule: 'lint-unknown-rule',
        severity: 'error' as const,
        message: `There is no rule "${name}".`,
        fix: guess === undefined ? 'meshwright lint --explain lists the rules.' : `Did you mean ${guess}?`,
        file,
      };
    });
}
