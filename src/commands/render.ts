import { join } from 'node:path';
import type { PlannedTarget } from '../model/bundle.ts';
import type { RepoPath } from '../model/named.ts';
import type { FolderPart } from '../model/ports.ts';
import { hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import { parseRepoPath } from '../model/repo-path.ts';
import {
  command,
  codeFor,
  isSet,
  selectionOptions,
  targetArgument,
  textOption,
  usage,
  type Services,
  type Input,
  type Result,
  misuse,
} from './command.ts';
import { loadTargets } from './load.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'render',
  summary: 'write whole bundles to a folder, looking at no repository',
  argument: targetArgument,
  options: [
    { flags: '--out <dir>', help: 'folder to write to: one folder a target' },
    { flags: '--stdout', help: 'print one multi-document stream instead' },
    { flags: '--force', help: 'overwrite files that differ' },
    ...selectionOptions,
  ],
  examples: [
    'meshwright render shop@lab --out bundles',
    'meshwright render --all --stdout | kubectl diff -f -',
  ],
  run: render,
});

async function render(input: Input, services: Services): Promise<Result<Outputs['render']>> {
  const out = textOption(input, 'out');
  const isPrinted = isSet(input, 'stdout');
  if ((out === undefined) === !isPrinted)
    return usage([misuse('Say where the bundles go.', 'Use either --out DIR or --stdout.')]);
  const loaded = await loadTargets(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { targets, templates } = loaded.value;
  const { renderTargets } = await import('../flows/render.ts');
  const { plansAsJson } = await import('../report/targets.ts');
  // All are rendered once to learn whether anything is wrong, and once more to write them: so many are not held.
  const tried = new Tried(renderTargets(targets, templates));
  const differs = out === undefined ? tried.all() : await services.files.differing(out, tried.parts());
  const problems = [...loaded.value.problems, ...tried.problems];
  const json = () => plansAsJson([...renderTargets(targets, templates)]);
  const result = (code: Result['code'], text: string, more: readonly Problem[] = []) => ({
    code,
    text,
    get json() {
      return json();
    },
    problems: [...problems, ...more],
  });
  if (hasErrors(problems)) return result(1, '');
  if (!differs.ok) return result(codeFor(differs.problems), '', differs.problems);
  if (out === undefined) {
    const parts = () => stream(renderTargets(targets, templates));
    return {
      code: 0,
      get text() {
        return [...parts()].join('');
      },
      parts,
      get json() {
        return json();
      },
      problems,
    };
  }
  const blocked = isSet(input, 'force') ? [] : differs.value.map((path) => wouldDiffer(join(out, path)));
  if (blocked.length > 0) return result(1, '', blocked);
  const again = new Tried(renderTargets(targets, templates));
  const written = await services.files.fill(out, again.parts());
  if (!written.ok) return result(codeFor(written.problems), '', written.problems);
  const text = `${String(written.value)} files of ${String(targets.length)} ${targets.length === 1 ? 'target' : 'targets'} in ${out}\n`;
  return result(0, text);
}

/** What goes through here is looked at once, and let go. */
class Tried {
  readonly #planned: Iterable<PlannedTarget>;
  readonly #problems = new Map<string, Problem>();

  constructor(planned: Iterable<PlannedTarget>) {
    this.#planned = planned;
  }

  /** Of those that went through, each once. */
  get problems(): readonly Problem[] {
    return [...this.#problems.values()];
  }

  /** A folder for each target. */
  *parts(): Generator<FolderPart> {
    for (const { target, bundles, problems } of this.#planned) {
      for (const problem of problems) this.#problems.set(JSON.stringify(problem), problem);
      const folder = parseRepoPath(target);
      const files = bundles.flatMap(({ changes }) =>
        changes.map(({ path, after }) => ({ path, text: after ?? '' })),
      );
      if (folder !== undefined && files.length > 0) yield { folder, files };
    }
  }

  all(): Outcome<readonly RepoPath[]> {
    const parts = this.parts();
    while (parts.next().done !== true);
    return success([]);
  }
}

/** The objects of all bundles; patches and kustomization files are no objects of the cluster. */
function* stream(planned: Iterable<PlannedTarget>): Generator<string> {
  for (const { target, bundles } of planned)
    for (const { changes } of bundles)
      for (const { path, after } of changes)
        if (!/(?:kustomization|istio-restart(?:-patch)?)\.yaml$/.test(path))
          yield `---\n# ${target}: ${path}\n${after ?? ''}`;
}

function wouldDiffer(file: string): Problem {
  return {
    rule: 'render-differs',
    severity: 'error',
    message: `${file} exists and differs from what would be written.`,
    fix: 'Use --force to overwrite it, or another folder.',
    file,
  };
}
