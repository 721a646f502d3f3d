import type { NamespaceSpec } from '../model/fleet.ts';
import type { Problem } from '../model/problem.ts';

/** A decision that the fleet overrules, with the reason it gives. */
export function accepted(problem: Problem, { accept }: Pick<NamespaceSpec, 'accept'>): Problem {
  const reason = Object.hasOwn(accept, problem.rule) ? accept[problem.rule] : undefined;
  if (reason === undefined || problem.severity !== 'error') return problem;
  return {
    ...problem,
    severity: 'warning',
    message: `${problem.message} Accepted: ${reason}`,
    fix: undefined,
  };
}
