import picomatch from 'picomatch';
import type { LintConfig } from '../model/lint.ts';
import type { OverrideOf } from './lint.ts';

/** Matches the patterns of a configuration file. It may come from any repository, so braces and the like are literal. */
export function matcherOf(patterns: readonly string[]): (file: string) => boolean {
  if (patterns.length === 0) return () => false;
  const matches = picomatch([...patterns], { dot: true, nobrace: true, noextglob: true, nobracket: true });
  return (file) => matches(file);
}

/** The severity that a configuration sets for each rule in each file. */
export function severityOverrides({ severities, overrides }: LintConfig): OverrideOf {
  const special = overrides.map((each) => ({ ...each, isFor: matcherOf(each.files) }));
  return (rule, file) =>
    special.findLast((each) => each.severities.has(rule) && each.isFor(file))?.severities.get(rule) ??
    severities.get(rule);
}
