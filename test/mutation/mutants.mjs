import ts from 'typescript';

const { SyntaxKind: Kind } = ts;

/** Operators, and what a mutant has in their place. */
const swapped = new Map([
  [Kind.EqualsEqualsEqualsToken, '!=='],
  [Kind.ExclamationEqualsEqualsToken, '==='],
  [Kind.LessThanToken, '<='],
  [Kind.LessThanEqualsToken, '<'],
  [Kind.GreaterThanToken, '>='],
  [Kind.GreaterThanEqualsToken, '>'],
  [Kind.AmpersandAmpersandToken, '||'],
  [Kind.BarBarToken, '&&'],
]);

/** Members whose value is prose for people; that a word is missing there is for readers to see. */
const prose =
  /^(?:summary|why|fix|see|help|message|examples|description|reads|reason|equivalent|flags|name)$/;

/**
 * Every mutant of a file: one small change that leaves it running and should make some test fail.
 *
 * @param {string} path
 * @param {string} text
 * @returns {{ path: string, start: number, end: number, by: string, what: string }[]} offsets, the text put there, and what
 *   was done in words
 */
export function mutantsOf(path, text) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const mutants = [];
  const add = (node, by, what) => {
    mutants.push({ path, start: node.getStart(file), end: node.getEnd(), by, what });
  };
  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    for (const [target, by, what] of changesOf(node, file)) add(target, by, what);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mutants;
}

/** @returns {[node: ts.Node, by: string, what: string][]} */
function changesOf(node, file) {
  const text = (part) => part.getText(file);
  if (ts.isIfStatement(node)) {
    const changes = isEquality(node.expression)
      ? []
      : [[node.expression, `!(${text(node.expression)})`, 'condition negated']];
    if (node.elseStatement === undefined && leaves(node.thenStatement))
      changes.push([node, ';', 'early exit removed']);
    return changes;
  }
  if (ts.isConditionalExpression(node) && !isEquality(node.condition))
    return [[node.condition, `!(${text(node.condition)})`, 'condition negated']];
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken;
    const other = swapped.get(operator.kind);
    if (other !== undefined) return [[operator, other, `${text(operator)} became ${other}`]];
    if (operator.kind === Kind.QuestionQuestionToken)
      return [[node, `(${text(node.left)})`, 'default removed']];
  }
  if (ts.isNumericLiteral(node) && /^\d+$/.test(node.text))
    return [
      [node, String(Number(node.text) + 1), `${node.text} became one more`],
      ...(node.text === '0' ? [] : [[node, String(Number(node.text) - 1), `${node.text} became one less`]]),
    ];
  if (ts.isStringLiteral(node) && isWord(node)) return [[node, "''", `${text(node)} emptied`]];
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { expression, name } = node.expression;
    if (name.text === 'filter') return [[node, text(expression), '.filter dropped']];
    if (name.text === 'some') return [[name, 'every', 'some became every']];
    if (name.text === 'every') return [[name, 'some', 'every became some']];
  }
  return [];
}

/** Such a condition is negated by its operator. */
function isEquality(node) {
  return (
    ts.isBinaryExpression(node) &&
    (node.operatorToken.kind === Kind.EqualsEqualsEqualsToken ||
      node.operatorToken.kind === Kind.ExclamationEqualsEqualsToken)
  );
}

function leaves(statement) {
  const last = ts.isBlock(statement) ? statement.statements.at(-1) : statement;
  return (
    last !== undefined &&
    (ts.isReturnStatement(last) ||
      ts.isThrowStatement(last) ||
      ts.isContinueStatement(last) ||
      ts.isBreakStatement(last))
  );
}

/** A name or an id that programs read, not prose. */
function isWord(node) {
  if (!/^[\w./@:*-]+$/.test(node.text)) return false;
  for (let at = node.parent; at !== undefined && !ts.isStatement(at); at = at.parent)
    if (ts.isPropertyAssignment(at)) return !prose.test(at.name.getText());
  const { parent } = node;
  // `import('…')`, and the key of a member.
  const isImported = ts.isCallExpression(parent) && parent.expression.kind === Kind.ImportKeyword;
  return !isImported && !(ts.isPropertyAssignment(parent) && parent.name === node);
}

/** The lines of a mutant before and after, as one line each. */
export function linesOf(mutant, text) {
  const changed = text.slice(0, mutant.start) + mutant.by + text.slice(mutant.end);
  const line = text.slice(0, mutant.start).split('\n').length;
  return {
    line,
    before: around(text, mutant.start, mutant.end),
    after: around(changed, mutant.start, mutant.start + mutant.by.length),
    changed,
  };
}

function around(text, start, end) {
  const [from, to] = [text.lastIndexOf('\n', start - 1) + 1, text.indexOf('\n', end)];
  const lines = text.slice(from, to < 0 ? undefined : to);
  return lines.replace(/\s+/g, ' ').trim().slice(0, 200);
}
