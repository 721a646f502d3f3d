import { withoutEnd } from '../model/without-end.ts';
import { matchesShell } from '../k8s/shell-pattern.ts';

/** One line of an ignore file, as source-controller reads it: each file is matched by itself, so that a later `!` brings a
 *  file of an ignored directory back, which git itself does not do.
 *  @see https://github.com/fluxcd/pkg/blob/main/sourceignore/gitignore/pattern.go */
export interface IgnorePattern {
  /** The parts of the directory that the pattern holds in. */
  readonly domain: readonly string[];
  readonly isInclusion: boolean;
  readonly isForDirectories: boolean;
  readonly isPath: boolean;
  readonly parts: readonly string[];
}

/** The patterns of an ignore file, or of `spec.ignore` of a source.
 *  @see https://github.com/fluxcd/pkg/blob/main/sourceignore/sourceignore.go */
export function ignorePatterns(text: string, domain: readonly string[]): readonly IgnorePattern[] {
  return text
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .map((line) => patternOf(line, domain));
}

function patternOf(line: string, domain: readonly string[]): IgnorePattern {
  const isInclusion = line.startsWith('!');
  const kept = isInclusion ? line.slice(1) : line;
  const trimmed = kept.endsWith('\\ ') ? kept : withoutEnd(kept, ' ');
  const isForDirectories = trimmed.endsWith('/');
  const text = isForDirectories ? trimmed.slice(0, -1) : trimmed;
  const parts = text.split('/').map(bytes);
  return { domain, isInclusion, isForDirectories, isPath: parts.length > 1, parts };
}

/** Whether a file is left out: the last pattern that matches decides. */
export function isIgnored(path: string, patterns: readonly IgnorePattern[]): boolean {
  const parts = path.split('/').map(bytes);
  return patterns.findLast((pattern) => matches(pattern, parts))?.isInclusion === false;
}

function matches(pattern: IgnorePattern, path: readonly string[]): boolean {
  const { domain } = pattern;
  if (path.length <= domain.length || domain.some((part, index) => bytes(part) !== path[index])) return false;
  const rest = path.slice(domain.length);
  return pattern.isPath ? matchesPath(pattern, rest) : matchesName(pattern, rest);
}

function matchesName(
  { parts: [name = ''], isForDirectories }: IgnorePattern,
  path: readonly string[],
): boolean {
  for (const [index, part] of path.entries()) {
    const isMatch = matchesShell(name, part);
    if (isMatch === undefined) return false;
    if (isMatch) return !(isForDirectories && index === path.length - 1);
  }
  return false;
}

function matchesPath({ parts, isForDirectories }: IgnorePattern, path: readonly string[]): boolean {
  let at = 0;
  let isMatched = false;
  let isAnyDepth = false;
  for (const [index, part] of parts.entries()) {
    if (part === '') {
      isAnyDepth = false;
      continue;
    }
    if (part === '**') {
      if (index === parts.length - 1) break;
      isAnyDepth = true;
      continue;
    }
    if (part.includes('**') || at === path.length) return false;
    if (isAnyDepth) {
      isAnyDepth = false;
      isMatched = false;
      while (at < path.length && !isMatched) {
        const isMatch = matchesShell(part, path[at++] ?? '');
        if (isMatch === undefined) return false;
        isMatched = isMatch;
      }
    } else {
      if (matchesShell(part, path[at++] ?? '') !== true) return false;
      isMatched = true;
    }
  }
  return isMatched && !(isForDirectories && at === path.length);
}

function bytes(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  return String.fromCharCode(...new TextEncoder().encode(text));
}
