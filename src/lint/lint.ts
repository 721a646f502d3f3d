import { keyOf } from '../model/key-of.ts';
import type { LintProblem, SeverityOverride } from '../model/lint.ts';
import type { Severity } from '../model/problem.ts';
import type { Inventory } from '../mesh/inventory.ts';
import type { Finding, Rule } from './rule.ts';

/** The severity that the user sets for a rule in a file; undefined: that of the finding or the rule. */
export type OverrideOf = (rule: string, file: string) => SeverityOverride | undefined;

/** Runs rules over the clusters that some manifests can make up. A finding in several clusters is reported once.
 *  @returns by file, line and column */
export function lint(
  clusters: readonly Inventory[],
  rules: readonly Rule[],
  overrideOf: OverrideOf = () => undefined,
): readonly LintProblem[] {
  const found = new Map<string, LintProblem>();
  for (const rule of rules) {
    for (const inventory of clusters) {
      if (!rule.kinds.some((kind) => inventory.of(kind).length > 0)) continue;
      for (const finding of rule.check(inventory)) {
        if (finding.resource.isUncomputed?.(finding.path) === true) continue;
        const { file } = finding.resource.rangeOf(finding.path, finding.at);
        const override = overrideOf(rule.id, file);
        if (override === 'off') continue;
        const problem = problemOf(rule, finding, override);
        const key = keyOf(problem.rule, problem.file, problem.line, problem.column, problem.message);
        if (!found.has(key)) found.set(key, problem);
      }
    }
  }
  return [...found.values()].sort(byLocation);
}

function problemOf(rule: Rule, finding: Finding, override: Severity | undefined): LintProblem {
  const { resource, path, at, message, edits = [] } = finding;
  const { apiVersion, kind, name } = resource;
  const source = edits.length === 0 ? undefined : resource.sourceOf(path);
  const canEdit = source !== undefined && edits.every((edit) => resource.sourceOf(edit.path) !== undefined);
  return {
    rule: rule.id,
    severity: override ?? finding.severity ?? rule.severity,
    message: oneLine(message),
    fix: oneLine(finding.fix ?? rule.fix),
    see: rule.see[0],
    equivalent: rule.equivalent,
    ...resource.rangeOf(path, at),
    resource: { apiVersion, kind, namespace: resource.namespace || undefined, name },
    suppressedBy: resource.annotations['galley.istio.io/analyze-suppress'],
    ...(canEdit && {
      repair: {
        file: source.file,
        document: source.document,
        edits: edits.map((edit) => ({ ...edit, path: [...source.at, ...edit.path] })),
      },
    }),
  };
}

/** Only quoted values make a text longer than this. */
const maxLength = 1000;

/** Text from a manifest must not look like another finding. */
function oneLine(text: string): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replace(/\r?\n|\r/g, '\\n');
}

export function byLocation(one: LintProblem, other: LintProblem): number {
  const { file: first = '', line = 0, column = 0 } = one;
  const { file: second = '' } = other;
  if (first !== second) return first < second ? -1 : 1;
  return line - (other.line ?? 0) || column - (other.column ?? 0) || (one.rule < other.rule ? -1 : 1);
}
