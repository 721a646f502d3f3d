import { workflowData, workflowProperty } from '../model/quoted.ts';
import type { LintProblem } from '../model/lint.ts';

const commands = { error: 'error', warning: 'warning', info: 'notice' } as const;

/** Findings as workflow commands, which GitHub Actions shows at the lines of a pull request.
 *  @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message */
export function asAnnotations(problems: readonly LintProblem[]): string {
  return problems
    .map((problem) => {
      const { severity, file, line, endLine, column, endColumn, rule, message, fix } = problem;
      const properties = Object.entries({ file, line, endLine, col: column, endColumn, title: rule })
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${name}=${workflowProperty(String(value))}`)
        .join(',');
      const text = fix === undefined ? message : `${message}\n${fix}`;
      return `::${commands[severity]} ${properties}::${workflowData(text)}\n`;
    })
    .join('');
}
