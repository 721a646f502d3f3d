import { Lexer } from 'yaml';

/** The comments in whole lines of YAML, each from its `#` on, in order. */
export function commentsIn(lines: string): readonly string[] {
  return [...new Lexer().lex(lines)].filter((token) => token.startsWith('#')).map((token) => token.trimEnd());
}
