import Handlebars from 'handlebars';
import type { TemplateSet } from '../model/bundle.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { printScalar } from '../yaml/print.ts';

/** Renders a template of a set. */
export interface Renderer {
  /** The file name that a template asks for in its first line, `{{!-- file: name.yaml --}}`; undefined: the usual one. */
  fileOf(name: string): string | undefined;
  /** @returns problems `template-missing`, `template-syntax`, `template-unsafe-value`, `template-missing-value` */
  render(name: string, view: unknown): Outcome<string>;
}

const renderers = new WeakMap<TemplateSet, Renderer>();

/** The renderer of a template set; each template is compiled once. */
export function rendererOf(templates: TemplateSet): Renderer {
  const known = renderers.get(templates);
  if (known !== undefined) return known;
  const made = makeRenderer(templates);
  renderers.set(templates, made);
  return made;
}

type Compiled = (view: unknown) => string;

function makeRenderer(templates: TemplateSet): Renderer {
  const handlebars = Handlebars.create();
  handlebars.registerHelper('yaml', (value: unknown) => printScalar(scalar(value, 'yaml')));
  handlebars.registerHelper('md', (value: unknown) => escapeMarkdown(String(scalar(value, 'md'))));
  handlebars.registerHelper('code', (value: unknown) => inlineCode(String(scalar(value, 'code'))));
  handlebars.registerHelper('cell', (value: unknown) =>
    inlineCode(String(scalar(value, 'cell'))).replaceAll('|', '\\|'),
  );
  for (const builtin of ['lookup', 'log']) handlebars.unregisterHelper(builtin);
  const compiled = new Map<string, Outcome<Compiled>>();
  const compile = (name: string): Outcome<Compiled> => {
    const text = templates.texts.get(name);
    if (text === undefined)
      return failure({
        rule: 'template-missing',
        severity: 'error',
        message: `There is no template "${name}".`,
        file: name,
      });
    const problems = check(handlebars, name, text);
    if (problems.length > 0) return failure(...problems);
    return success(
      handlebars.compile(text, { noEscape: true, strict: true, knownHelpers, knownHelpersOnly: true }),
    );
  };
  return {
    fileOf: (name) =>
      /^\{\{!--\s*file:\s*([\w][\w.-]*\.ya?ml)\s*--\}\}/.exec(templates.texts.get(name) ?? '')?.[1],
    render(name, view) {
      const template = compiled.get(name) ?? compile(name);
      compiled.set(name, template);
      if (!template.ok) return template;
      try {
        return success(template.value(view));
      } catch (error) {
        if (!(error instanceof MissingValue) && !(error instanceof Handlebars.Exception)) throw error;
        return failure({
          rule: 'template-missing-value',
          severity: 'error',
          message: `The template could not be rendered: ${error.message}.`,
          fix: 'Use the values that docs/TEMPLATES.md lists for this template.',
          file: name,
        });
      }
    },
  };
}

const knownHelpers = {
  yaml: true,
  md: true,
  code: true,
  cell: true,
  each: true,
  if: true,
  unless: true,
  with: true,
};
const valueHelpers = new Set(['yaml', 'md', 'code', 'cell']);
const blockHelpers = new Set(['each', 'if', 'unless', 'with']);

class MissingValue extends Error {}

function scalar(value: unknown, helper: string): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  // Handlebars' strict mode checks {{name}} but not {{helper name}}.
  throw new MissingValue(`{{${helper} …}} needs a string, a number or a boolean`);
}

/** Every value must go through a helper that makes it one harmless scalar: a plain {{name}} could break out of it. */
function check(handlebars: typeof Handlebars, name: string, text: string): readonly Problem[] {
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
        !valueHelpers.has(nameOf(statement.path)) ||
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

/** Text in Markdown: no markup but plain code spans, no mention, no line break. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .split(/(`[^`|]+`)/)
    .map((part, index) => (index % 2 === 1 ? part : escapeProse(part)))
    .join('');
}

function escapeProse(text: string): string {
  return text.replace(/[\\`*[\]<>|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\$&').replace(/@/g, '@\u200b');
}

/** Text as inline code, whatever backticks it holds. */
function inlineCode(text: string): string {
  const clean = text.replace(/[\r\n]+/g, ' ');
  const longest = Math.max(0, ...[...clean.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest > 0 || clean === '' ? `${fence} ${clean} ${fence}` : `${fence}${clean}${fence}`;
}
