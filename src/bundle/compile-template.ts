import Handlebars from 'handlebars';
import type { TemplateCompiler } from '../model/bundle.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { templateOptions, valueHelpers, withHelpers } from './template-helpers.ts';

const handlebars = withHelpers(Handlebars.create());

/** Compiles a template of anybody's.
 *  @returns problems `template-syntax`, `template-unsafe-value` */
export const compileTemplate: TemplateCompiler = (name, text) => {
  const problems = check(name, text);
  return problems.length > 0
    ? failure(...problems)
    : success(handlebars.compile(text, templateOptions) as (view: unknown) => string);
};

/** The same as the source of a value of JavaScript, which the runtime alone can render: for the build.
 *  @returns problems `template-syntax`, `template-unsafe-value` */
export function precompileTemplate(name: string, text: string): Outcome<string> {
  const problems = check(name, text);
  return problems.length > 0
    ? failure(...problems)
    : // Its types promise an object; it is the source of one.
      success(handlebars.precompile(text, templateOptions) as unknown as string);
}

const blockHelpers = new Set(['each', 'if', 'unless', 'with']);

/** Every value must go through a helper that makes it one harmless scalar: a plain {{name}} could break out of it. */
function check(name: string, text: string): readonly Problem[] {
  let program: hbs.AST.Program;
  try {
    program = handlebars.parse(text);
  } catch (error) {
    const line = Number(/line (\d+)/.exec(String(error))?.[1] ?? 1);
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return [
      {
        rule: 'template-syntax',
        severity: 'error',
        message: `Not a Handlebars template: ${first}`,
        file: name,
        line,
        column: 1,
      },
    ];
  }
  return [...unsafeStatements(program.body, name)];
}

function* unsafeStatements(statements: readonly hbs.AST.Statement[], file: string): Generator<Problem> {
  for (const statement of statements) {
    const at = { file, line: statement.loc.start.line, column: statement.loc.start.column + 1 };
    if (statement.type === 'ContentStatement' || statement.type === 'CommentStatement') continue;
    if (isMustache(statement)) {
      if (
        !Object.hasOwn(valueHelpers, nameOf(statement.path)) ||
        statement.params.length !== 1 ||
        statement.params[0]?.type === 'SubExpression'
      )
        yield {
          rule: 'template-unsafe-value',
          severity: 'error',
          message: 'The template prints a value without a helper that escapes it.',
          fix: 'Write {{yaml name}} in YAML; {{md name}} or {{code name}} in Markdown.',
          ...at,
        };
    } else if (isBlock(statement) && blockHelpers.has(nameOf(statement.path))) {
      yield* unsafeStatements(statement.program.body, file);
      // Handlebars' types promise an else branch that a block without one does not have.
      const inverse = statement.inverse as hbs.AST.Program | undefined;
      if (inverse !== undefined) yield* unsafeStatements(inverse.body, file);
    } else
      yield {
        rule: 'template-unsafe-value',
        severity: 'error',
        message: `Templates may only use each, if, unless and with; ${statement.type} is not allowed.`,
        fix: 'Keep logic out of templates.',
        ...at,
      };
  }
}

function isMustache(statement: hbs.AST.Statement): statement is hbs.AST.MustacheStatement {
  return statement.type === 'MustacheStatement';
}

function isBlock(statement: hbs.AST.Statement): statement is hbs.AST.BlockStatement {
  return statement.type === 'BlockStatement';
}

function nameOf(path: hbs.AST.PathExpression | hbs.AST.Literal): string {
  return 'original' in path ? path.original : '';
}
