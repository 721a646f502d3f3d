import picomatch from 'picomatch';
import type { LintConfig } from '../model/lint.ts';
import type { WeightOf } from './lint.ts';

/** A pattern of a configuration file, which may come out of any repository: braces and the like are only text. */
export function matcherOf(patterns: readonly string[]): (file: string) => boolean {
  if (patterns.length === 0) return () => false;
  const matches = picomatch([...patterns], { dot: true, nobrace: true, noextglob: true, nobracket: true });
  return (file) => matches(file);
}

/** What a configuration says of each rule in each file. */
export function weightsOf({ weights, overrides }: LintConfig): WeightOf {
  const special = overrides.map((each) => ({ ...each, isFor: matcherOf(each.files) }));
  return (rule, file) =>
    special.findLast((each) => each.weights.has(rule) && each.isFor(file))?.weights.get(rule) ??
    weights.get(rule);
}
