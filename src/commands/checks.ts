import type { RepositorySource } from '../flows/checkouts.ts';
import type { FoundEntries } from '../flows/cluster-scope.ts';
import type { BundleOptions } from '../flows/plan-on.ts';
import type { TemplateSet } from '../model/bundle.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import { failure, hasErrors, success, type Outcome } from '../model/problem.ts';
import { misuse, type Input, type Option } from './command.ts';

export const overrideOption: Option = {
  flags: '--override <rule=reason...>',
  help: 'continue despite a rule; the reason goes into the pull request',
};

interface CheckOptions {
  /** Whether files that people removed come back. */
  readonly restore?: boolean;
  /** Where the other ends of calls are read; without one, nothing is said of calls. */
  readonly forge?: Forge;
  readonly templates?: TemplateSet;
  /** One checkout, in the place of a forge. */
  readonly checkout?: { readonly source: RepositorySource; readonly entries: FoundEntries };
}

/** The checks that bundles go through before they are proposed: rules over what would be there, and the effect on calls. */
export async function planningOf(
  input: Pick<Input, 'options'>,
  fleet: Fleet,
  fleetFile: string,
  { restore = false, forge, templates, checkout }: CheckOptions = {},
): Promise<Outcome<BundleOptions>> {
  const { rules } = await import('../lint/all-rules.ts');
  const { unknownRules } = await import('../flows/lint.ts');
  const { lintCheck, withOverrides } = await import('../flows/check-bundle.ts');
  const { callBreaks, trafficCheck } = await import('../flows/check-traffic.ts');
  const { callersUnknown, callsUnknown } = await import('../flows/check-knowledge.ts');
  const { mergeFirst } = await import('../flows/merge-first.ts');
  const { reachCheck, reachRules } = await import('../flows/check-reach.ts');
  const overridable = new Set<string>([callBreaks, callersUnknown, callsUnknown, ...reachRules]);
  const unknown = unknownRules(fleet.lint, rules, fleetFile);
  if (hasErrors(unknown)) return failure(...unknown);
  const overrides = new Map<string, string>();
  const said = input.options.override;
  for (const text of Array.isArray(said) ? said.map(String) : []) {
    const at = text.indexOf('=');
    const [rule, reason] = [text.slice(0, at), text.slice(at + 1).trim()];
    if (at < 1 || reason === '')
      return failure(
        misuse(
          `"${text}" is not a valid override.`,
          'Write --override RULE=REASON, with a reason others understand.',
        ),
      );
    if (!overridable.has(rule) && !rules.some(({ id }) => id === rule))
      return failure(
        misuse(
          `"${rule}" is not a rule that --override knows. Refusals of the plan itself are not overridden: what they name must be corrected.`,
          `It knows ${[...overridable].sort().join(', ')}, and the rules that meshwright lint --explain lists.`,
        ),
      );
    overrides.set(rule, reason);
  }
  const { locksOf } = await import('../bundle/desired-states.ts');
  const linting = { rules, config: fleet.lint, baseline: [], fleet };
  const checks = [lintCheck(linting)];
  const source = forge ?? checkout?.source;
  const entries = checkout?.entries;
  if (source !== undefined && templates !== undefined)
    checks.push(
      trafficCheck({ fleet, fleetFile, forge: source, templates, entries }),
      reachCheck(fleet, source, entries),
    );
  if (forge !== undefined) checks.push(mergeFirst(fleet, forge));
  const fleetLocks = locksOf(fleet.targets);
  return success({ restore, fleetLocks, checks: checks.map((check) => withOverrides(check, overrides)) });
}
