import { directoriesOf, type ClusterSpec, type Target } from '../model/fleet.ts';
import type { LintProblem } from '../model/lint.ts';
import type { RepoPath } from '../model/named.ts';
import { success, type Problem } from '../model/problem.ts';
import { isBelow } from '../model/repo-path.ts';
import { lintFolders, type Linting } from './lint.ts';
import type { BundleCheck } from './plan-on.ts';

/** Findings that someone takes upon themselves, by rule, with the reason. */
export type Overrides = ReadonlyMap<string, string>;

/** Runs the rules over what a bundle would make of its directories, together with what is there already. Notes are
 *  told only where the bundle itself writes. */
export function lintCheck(linting: Linting): BundleCheck {
  return async ({ target, repository, tree, after, bundle }) => {
    // The Namespace manifest of another repository is one label; what else is there is not this target's.
    if (repository !== target.repository) return success({ problems: [] });
    const found = await lintFolders(
      [
        {
          tree: { ...tree, snapshot: after },
          nameOf: (path) => path,
          paths: lintedDirectories(target),
          targets: placesOf(target),
        },
      ],
      linting,
    );
    if (!found.ok) return found;
    const written = new Set<string>(bundle.changes.map(({ path }) => path));
    const said = found.value.problems.filter(
      ({ severity, file = '' }) => severity !== 'info' || written.has(file),
    );
    return success({ problems: said.map(asProblem) });
  };
}

function lintedDirectories(target: Target): readonly RepoPath[] {
  const all =
    target.kind === 'namespace' ? target.specs.flatMap(directoriesOf) : clusterDirectories(target.spec);
  return all.filter((each, index) => !all.some((other, at) => at !== index && isBelow(each, other)));
}

function clusterDirectories({ directory, base, cluster }: ClusterSpec): readonly RepoPath[] {
  return [directory, `${base}/base` as RepoPath, `${base}/${cluster}` as RepoPath];
}

function placesOf(
  target: Target,
): ReadonlyMap<RepoPath, { readonly namespace: string; readonly environment: string }> {
  if (target.kind === 'cluster') return new Map();
  return new Map(
    target.specs.flatMap((spec) => directoriesOf(spec).map((directory) => [directory, spec] as const)),
  );
}

/** Without what only lint's own reports show. */
function asProblem(problem: LintProblem): Problem {
  const { rule, severity, message, fix, see, file, line, column, resource } = problem;
  return { rule, severity, message, fix, see, file, line, column, resource };
}

/** The check with the errors of some rules as warnings that give the reason. */
export function withOverrides(check: BundleCheck, overrides: Overrides): BundleCheck {
  return async (proposal) => {
    const said = await check(proposal);
    if (!said.ok) return said;
    const { problems, ...rest } = said.value;
    return success({ ...rest, problems: problems.map((problem) => overridden(problem, overrides)) });
  };
}

function overridden(problem: Problem, overrides: Overrides): Problem {
  const reason = overrides.get(problem.rule);
  if (reason === undefined || problem.severity !== 'error') return problem;
  return {
    ...problem,
    severity: 'warning',
    message: `${problem.message} Overridden: ${reason}`,
    fix: undefined,
  };
}
