import { join } from 'node:path';
import type { PlannedTarget } from '../model/bundle.ts';
import type { FileChange } from '../model/snapshot.ts';
import { hasErrors, type Problem } from '../model/problem.ts';
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
  const { renderTargets } = await import('../flows/render.ts');
  const { plansAsJson } = await import('../report/targets.ts');
  const planned = renderTargets(loaded.value.targets, loaded.value.templates);
  const problems = [...loaded.value.problems, ...planned.flatMap((each) => each.problems)];
  const json = plansAsJson(planned);
  if (hasErrors(problems)) return { code: 1, text: '', json, problems };
  if (out === undefined) return { code: 0, text: stream(planned), json, problems };
  const changes = filesOf(planned);
  const blocked = isSet(input, 'force') ? [] : await differing(services, out, changes);
  if (blocked.length > 0) return { code: 1, text: '', json, problems: [...problems, ...blocked] };
  const written = await services.files.write(out, changes, true);
  const count = `${String(changes.length)} ${changes.length === 1 ? 'file' : 'files'} of ${String(planned.length)} ${planned.length === 1 ? 'target' : 'targets'} in ${out}\n`;
  return written.ok
    ? { code: 0, text: count, json, problems }
    : { code: codeFor(written.problems), text: '', json, problems: [...problems, ...written.problems] };
}

/** The objects of all bundles; patches and kustomization files are no objects of the cluster. */
function stream(planned: readonly PlannedTarget[]): string {
  return planned
    .flatMap(({ target, bundles }) =>
      bundles.flatMap(({ changes }) => changes.map((change) => ({ target, ...change }))),
    )
    .filter(({ path }) => !/(?:kustomization|istio-restart(?:-patch)?)\.yaml$/.test(path))
    .map(({ target, path, after }) => `---\n# ${target}: ${path}\n${after ?? ''}`)
    .join('');
}

function filesOf(planned: readonly PlannedTarget[]): readonly FileChange[] {
  return planned.flatMap(({ target, bundles }) =>
    bundles.flatMap(({ changes }) =>
      changes.flatMap((change) => {
        const path = parseRepoPath(`${target}/${change.path}`);
        return path === undefined ? [] : [{ ...change, path }];
      }),
    ),
  );
}

async function differing(
  services: Services,
  out: string,
  changes: readonly FileChange[],
): Promise<readonly Problem[]> {
  const present = await services.files.tree(out);
  if (!present.ok) return [];
  const known = changes.filter(({ path }) => present.value.snapshot.paths.has(path));
  const read = await present.value.read(known.map(({ path }) => path));
  if (!read.ok) return read.problems;
  return known
    .filter(({ path, after }) => read.value.files.get(path) !== after)
    .map(({ path }) => ({
      rule: 'render-differs',
      severity: 'error' as const,
      message: `${join(out, path)} exists and differs from what would be written.`,
      fix: 'Use --force to overwrite it, or another folder.',
      file: join(out, path),
    }));
}
