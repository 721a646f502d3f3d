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
  summary: 'write complete bundles to a folder, without reading any repository',
  argument: targetArgument,
  options: [
    { flags: '--out <dir>', help: 'folder to write to, one subfolder per target' },
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
    return usage([misuse('The bundles need exactly one destination.', 'Use either --out DIR or --stdout.')]);
  const loaded = await loadTargets(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { targets, templates } = loaded.value;
  const { renderTargets } = await import('../flows/render.ts');
  const { plansAsJson } = await import('../report/targets.ts');
  const rendered = new RenderedTargets(() => renderTargets(targets, templates));
  // Nothing is written before all were rendered without an error.
  const differs = out === undefined ? rendered.all() : await services.files.differing(out, rendered.parts());
  const problems = [...loaded.value.problems, ...rendered.problems];
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
      reader: 'program',
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
  const written = await services.files.fill(out, rendered.parts());
  if (!written.ok) return result(codeFor(written.problems), '', written.problems);
  const text = `${String(written.value)} ${written.value === 1 ? 'file' : 'files'} of ${String(targets.length)} ${targets.length === 1 ? 'target' : 'targets'} in ${out}\n`;
  return result(0, text);
}

/** What is kept of bundles until they are written, in characters; more are rendered a second time instead. */
const most = 128 * 1024 * 1024;

/** The bundles as folders of files. */
class RenderedTargets {
  readonly #render: () => Iterable<PlannedTarget>;
  readonly #problems = new Map<string, Problem>();
  /** undefined: not all of them fit. */
  #kept: FolderPart[] | undefined = [];
  #isWhole = false;

  constructor(render: () => Iterable<PlannedTarget>) {
    this.#render = render;
  }

  /** Of those that went through {@link parts}, each once. */
  get problems(): readonly Problem[] {
    return [...this.#problems.values()];
  }

  /** A folder for each target. */
  *parts(): Generator<FolderPart> {
    if (this.#isWhole && this.#kept !== undefined) {
      yield* this.#kept;
      return;
    }
    let size = 0;
    for (const { target, bundles, problems } of this.#render()) {
      for (const problem of problems) this.#problems.set(JSON.stringify(problem), problem);
      const folder = parseRepoPath(target);
      const files = bundles.flatMap(({ changes }) =>
        changes.map(({ path, after }) => ({ path, text: after ?? '' })),
      );
      if (folder === undefined || files.length === 0) continue;
      size += files.reduce((sum, { text }) => sum + text.length, 0);
      if (size > most) this.#kept = undefined;
      this.#kept?.push({ folder, files });
      yield { folder, files };
    }
    this.#isWhole = true;
  }

  /** Renders all, and writes none. */
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
