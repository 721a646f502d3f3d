import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { loadFleet } from '../../../src/fleet/load.ts';
import { fixFolders, lintFolders, type Linting } from '../../../src/flows/lint.ts';
import type { Folder } from '../../../src/flows/read-clusters.ts';
import { rules } from '../../../src/lint/all-rules.ts';
import { defaultLintConfig, type LintProblem } from '../../../src/model/lint.ts';
import type { RepoPath } from '../../../src/model/named.ts';
import { describeLint } from '../../../src/report/lint.ts';
import { paint } from '../../../src/report/paint.ts';
import { folderTree } from '../../fakes/tree.ts';
import { Random } from '../../traffic/random.ts';
import { fixtures } from '../fixture.ts';
import { mutantOf, withEveryText } from './mutants.ts';

/** What a run has seen; times in milliseconds. */
export interface FuzzResult {
  readonly cases: number;
  readonly findings: number;
  /** Each with the seed that makes it again. */
  readonly failures: readonly string[];
  readonly slowest: { readonly milliseconds: number; readonly seed: number; readonly how: string };
}

const corpus = readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml') && !name.endsWith('fleet.yaml'))
  .map((name) => readFileSync(`${fixtures}/${name}`, 'utf8'));

const fleet = (() => {
  const loaded = loadFleet(
    `version: 1
mesh: {istioVersion: 1.30.3, revision: stable, gateway: {serviceAccount: istio-ingressgateway}}
forge: {kind: local, directory: forge}
environments: [{name: lab}]
namespaces:
  - name: shop
    repository: acme/shop
    path: deploy
    services: [{name: web, ports: [8080], calls: ["bank/ledger"]}]
  - name: bank
    repository: acme/bank
    path: deploy
    stage: joined
    services: [{name: ledger, ports: [{number: 9000, protocol: tcp}]}]
`,
    'fleet.yaml',
  );
  if (!loaded.ok) throw new Error('the fleet of the fuzz does not load');
  return loaded.value;
})();

const linting = (seed: number): Linting => ({
  rules,
  config: defaultLintConfig,
  baseline: [],
  fleet: seed % 2 === 0 ? fleet : undefined,
});

export const folderOf = (files: Readonly<Record<string, string>>): Folder => ({
  tree: folderTree(files),
  nameOf: (path) => path,
  paths: [] as RepoPath[],
  targets: new Map(),
});

/** Lints mutants of the rules' own examples, each known by its seed, and collects what must never be. */
export async function fuzz(from: number, count: number): Promise<FuzzResult> {
  const failures: string[] = [];
  let findings = 0;
  let slowest = { milliseconds: 0, seed: from, how: '' };
  for (let seed = from; seed < from + count; seed++) {
    const mutant = mutantOf(corpus, new Random(seed));
    const begin = performance.now();
    const found = await guarded(mutant.text, seed);
    findings += found.findings;
    failures.push(...found.failures.map((each) => `seed ${String(seed)} (${mutant.how}): ${each}`));
    const milliseconds = performance.now() - begin;
    if (milliseconds > slowest.milliseconds) slowest = { milliseconds, seed, how: mutant.how };
  }
  return { cases: count, findings, failures, slowest };
}

/** Lints every example with one word in place of all texts. */
export async function fuzzWord(word: string): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const [seed, example] of corpus.entries()) {
    const text = withEveryText(example, word);
    if (text === undefined) continue;
    const found = await guarded(text, seed);
    failures.push(...found.failures.map((each) => `${each}\n${text.slice(0, 500)}`));
  }
  return failures;
}

interface Case {
  readonly findings: number;
  readonly failures: readonly string[];
}

/** A crash is a failure like others. */
async function guarded(text: string, seed: number): Promise<Case> {
  try {
    return await oneCase(text, seed);
  } catch (error) {
    return {
      findings: 0,
      failures: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
    };
  }
}

async function oneCase(text: string, seed: number): Promise<Case> {
  const name = seed % 7 === 0 ? 'kustomization.yaml' : 'manifests.yaml';
  const files = { [name]: text };
  const result = await lintFolders([folderOf(files)], linting(seed));
  if (!result.ok) return { findings: 0, failures: [`refused: ${JSON.stringify(result.problems)}`] };
  const { problems } = result.value;
  const failures = problems.flatMap((problem) => misplaced(problem, text));
  if (seed % 5 === 0) {
    const pretty = describeLint(result.value, result.value.texts, paint(false, true));
    if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(pretty))
      failures.push('a control character is printed');
  }
  if (seed % 10 === 0) {
    const again = await lintFolders([folderOf(files)], linting(seed));
    if (!again.ok || JSON.stringify(again.value.problems) !== JSON.stringify(problems))
      failures.push('two runs differ');
  }
  if (problems.some(({ repair }) => repair !== undefined))
    failures.push(...(await repaired(files, name, seed)));
  return { findings: problems.length, failures };
}

function misplaced({ rule, file, line, column, message }: LintProblem, text: string): readonly string[] {
  const found: string[] = [];
  const lines = text.split(/\r\n|\r|\n/).length + 1;
  if (file !== undefined && line !== undefined && (line < 1 || line > lines))
    found.push(`line ${String(line)}`);
  if (column !== undefined && column < 1) found.push(`column ${String(column)}`);
  if (message === '' || message.length > 1100)
    found.push(`a message of ${String(message.length)} characters`);
  if (/[\r\n]/.test(message)) found.push('a message of several lines');
  return found.map((each) => `${rule}: ${each}`);
}

/** Repairs end, leave YAML what was YAML, and are done once. */
async function repaired(
  files: Readonly<Record<string, string>>,
  name: string,
  seed: number,
): Promise<readonly string[]> {
  const fixed = await fixFolders([folderOf(files)], linting(seed));
  if (!fixed.ok) return [`--fix: refused: ${JSON.stringify(fixed.problems)}`];
  const after = fixed.value.after.get(name);
  if (after === undefined) return [];
  const failures: string[] = [];
  if (isYaml(files[name] ?? '') && !isYaml(after)) failures.push('--fix makes YAML that does not parse');
  const again = await fixFolders([folderOf({ [name]: after })], linting(seed));
  if (!again.ok || again.value.after.size > 0) failures.push('--fix again changes more');
  return failures;
}

function isYaml(text: string): boolean {
  return [...parseAllDocuments(text, { logLevel: 'silent' })].every(({ errors }) => errors.length === 0);
}
