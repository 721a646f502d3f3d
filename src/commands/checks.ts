import type { Planning } from '../flows/plan-on.ts';
import type { Fleet } from '../model/fleet.ts';
import { failure, hasErrors, success, type Outcome } from '../model/problem.ts';
import { misuse, type Input, type Option } from './command.ts';

export const overrideOption: Option = {
  flags: '--override <rule=reason...>',
  help: 'go on in spite of a rule; the reason is written into the pull request',
};

/** The checks that bundles go through before they are proposed.
 *  @param restore  whether files that people removed come back */
export async function planningOf(
  input: Pick<Input, 'options'>,
  fleet: Fleet,
  fleetFile: string,
  restore = false,
): Promise<Outcome<Planning>> {
  const { rules } = await import('../lint/rules/index.ts');
  const { unknownRules } = await import('../flows/lint.ts');
  const { lintCheck } = await import('../flows/check-bundle.ts');
  const unknown = unknownRules(fleet.lint, rules, fleetFile);
  if (hasErrors(unknown)) return failure(...unknown);
  const overrides = new Map<string, string>();
  const said = input.options.override;
  for (const text of Array.isArray(said) ? said.map(String) : []) {
    const at = text.indexOf('=');
    const [rule, reason] = [text.slice(0, at), text.slice(at + 1).trim()];
    if (at < 1 || reason === '')
      return failure(
        misuse(`"${text}" is no override.`, 'Write --override RULE=REASON, with a reason others understand.'),
      );
    if (!rules.some(({ id }) => id === rule))
      return failure(
        misuse(`There is no rule "${rule}" to override.`, 'meshwright lint --explain lists them.'),
      );
    overrides.set(rule, reason);
  }
  const linting = { rules, config: fleet.lint, baseline: [], fleet };
  return success({ restore, check: lintCheck(linting, overrides) });
}
