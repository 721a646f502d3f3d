import type { RuleAbout } from '../model/lint.ts';

/** The documentation page of a rule.
 *  @param bad  a manifest it finds something in
 *  @param good  one that is all right */
export function describeRule(rule: RuleAbout, bad: string, good: string): string {
  const { id, severity, summary, why, fix, equivalent, see, kinds } = rule;
  const codes =
    equivalent.length === 0
      ? 'none in istioctl and Kiali'
      : equivalent.map((code) => `\`${code}\``).join(', ');
  return `${[
    `# ${id}`,
    `Finds ${summary}.`,
    `**${severity}** · reads ${kinds.join(', ')} · the same elsewhere: ${codes}`,
    `## Why\n\n${why}`,
    `## What to do\n\n${fix}`,
    `## Bad\n\n\`\`\`yaml\n${bad.trimEnd()}\n\`\`\``,
    `## Good\n\n\`\`\`yaml\n${good.trimEnd()}\n\`\`\``,
    `## See\n\n${see.map((page) => `- <${page}>`).join('\n')}`,
    `To live with it: \`# meshwright: ignore ${id}: REASON\` above or behind what is found; \`rules: {${id}: off}\` in [the configuration](../LINT.md#living-with-findings).`,
  ].join('\n\n')}\n`;
}

/** A line a rule, for a terminal. */
export function listRules(rules: readonly RuleAbout[]): string {
  const width = Math.max(...rules.map(({ id }) => id.length));
  return rules
    .map(({ id, severity, summary }) => `${id.padEnd(width)}  ${severity.padEnd(7)}  ${summary}\n`)
    .join('');
}
