import { planBundle } from '../../src/bundle/plan-target.ts';
import type { PlanOptions } from '../../src/bundle/directory-plan.ts';
import type { Bundle, TemplateSet } from '../../src/model/bundle.ts';
import type { NamespaceSpec } from '../../src/model/fleet.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { repository } from '../fakes/repository.ts';
import { target } from '../fakes/spec.ts';
import { templates } from '../fakes/templates.ts';

export function plan(
  spec: NamespaceSpec,
  snapshot: Snapshot,
  set: TemplateSet = templates,
  options?: PlanOptions,
): Bundle {
  const { value: bundle, needs } = planBundle(target(spec), spec.repository, snapshot, set, options);
  if (bundle === undefined) throw new Error(`the plan asks for ${needs.join(', ')}`);
  return bundle;
}

/** The changed files of a repository, by path below the target's directory (or from the root for others). */
export function changesOf(
  spec: NamespaceSpec,
  files: Readonly<Record<string, string>>,
): Record<string, string> {
  const bundle = plan(spec, repository(files));
  const errors = bundle.problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(JSON.stringify(errors, undefined, 2));
  return Object.fromEntries(
    bundle.changes
      .filter(({ path }) => !path.startsWith('.meshwright/'))
      .map(({ path, after }) => [
        path.startsWith(`${spec.directory}/`) ? path.slice(spec.directory.length + 1) : path,
        after ?? '',
      ]),
  );
}

/** `rule file:line:column` of each problem. */
export function problemsOf(spec: NamespaceSpec, files: Readonly<Record<string, string>>): readonly string[] {
  return plan(spec, repository(files)).problems.map(
    ({ rule, severity, file, line, column }) =>
      `${severity} ${rule} ${[file, line, column].filter((part) => part !== undefined).join(':')}`,
  );
}
