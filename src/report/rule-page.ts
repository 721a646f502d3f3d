import type { RuleAbout } from '../model/lint.ts';

/** The documentation page of a rule.
 *  @param bad  a manifest with a finding
 *  @param good  one without */
export function describeRule(rule: RuleAbout, bad: string, good: string): string {
  const { id, severity, summary, why, fix, equivalent, see, kinds } = rule;
  const codes = equivalent.length === 0 ? 'none' : equivalent.map((code) => `\`${code}\``).join(', ');
  return `${[
    `# ${id}`,
    `Finds ${summary}.`,
    `**${severity}** · reads ${kinds.join(', ')} · equivalent in istioctl or Kiali: ${codes}`,
    `## Why\n\n${why}`,
    `## How to fix it\n\n${fix}`,
    `## Bad\n\n\`\`\`yaml\n${bad.trimEnd()}\n\`\`\``,
    `## Good\n\n\`\`\`yaml\n${good.trimEnd()}\n\`\`\``,
    `## See\n\n${see.map((page) => `- <${page}>`).join('\n')}`,
    `To suppress it, write \`# meshwright: ignore ${id}: REASON\` at the end of the line or above it, or set \`rules: {${id}: off}\` in [the configuration](../LINT.md#suppressing-findings).`,
  ].join('\n\n')}\n`;
}

/** One line per rule, for a terminal. */
export function listRules(rules: readonly RuleAbout[]): string {
  const width = Math.max(...rules.map(({ id }) => id.length));
  return rules
    .map(({ id, severity, summary }) => `${id.padEnd(width)}  ${severity.padEnd(7)}  ${summary}\n`)
    .join('');
}
