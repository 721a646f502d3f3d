import { posix } from 'node:path';
import ts from 'typescript';

export interface SourceFile {
  /** From the project root: `src/model/json.ts`. */
  readonly path: string;
  readonly text: string;
}

/** What each layer may import; a layer may always import itself. Siblings are simply not listed. */
const layers: Readonly<Record<string, readonly string[]>> = {
  model: [],
  yaml: ['model'],
  k8s: ['model', 'yaml'],
  fleet: ['model', 'yaml', 'k8s'],
  aws: ['model', 'yaml', 'k8s'],
  kustomize: ['model', 'yaml', 'k8s'],
  merge: ['model', 'yaml', 'k8s'],
  mesh: ['model', 'yaml', 'k8s', 'kustomize'],
  lint: ['model', 'yaml', 'k8s', 'mesh'],
  traffic: ['model', 'yaml', 'k8s', 'mesh'],
  generators: ['model', 'yaml', 'k8s'],
  bundle: ['model', 'yaml', 'k8s', 'kustomize', 'merge', 'generators'],
  waves: ['model'],
  report: ['model'],
  flows: [
    'model',
    'yaml',
    'k8s',
    'fleet',
    'kustomize',
    'merge',
    'generators',
    'bundle',
    'mesh',
    'lint',
    'traffic',
    'waves',
    'report',
  ],
  commands: [
    'model',
    'yaml',
    'k8s',
    'aws',
    'fleet',
    'merge',
    'bundle',
    'mesh',
    'lint',
    'traffic',
    'waves',
    'report',
    'flows',
  ],
  adapters: ['model'],
  cli: ['model', 'commands', 'report', 'adapters'],
};

/** The one place that may import a package. */
const owners: Readonly<Record<string, RegExp>> = {
  yaml: /^src\/yaml\//,
  zod: /^src\/fleet\//,
  handlebars: /^src\/bundle\//,
  '@noble/hashes': /^src\/bundle\//,
  'simple-git': /^src\/adapters\/git/,
  '@octokit/rest': /^src\/adapters\/github/,
  '@octokit/auth-app': /^src\/adapters\/github/,
  '@octokit/plugin-retry': /^src\/adapters\/github/,
  '@octokit/plugin-throttling': /^src\/adapters\/github/,
  inquirer: /^src\/adapters\/terminal\.ts$/,
  commander: /^src\/cli\.ts$/,
  picocolors: /^src\/report\//,
  diff: /^src\/report\//,
  picomatch: /^src\/lint\//,
};

const effects = new Set([
  'process',
  'console',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'performance',
]);
const lineLimit = 400;

/** Everything a file does against the rules of the house. */
export function violations(file: SourceFile): readonly string[] {
  const found: string[] = [];
  const lines = file.text.split('\n').length;
  if (lines > lineLimit) found.push(`${file.path} has ${String(lines)} lines`);
  const layer = layerOf(file.path);
  if (layer === undefined) return found;
  const isEdge = layer === 'adapters' || layer === 'cli';
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (isNamelessMemo(node, source)) found.push(`${file.path} remembers by a function made on the spot`);
    const name = importOf(node);
    if (name !== undefined) found.push(...importViolations(file.path, layer, name));
    if (!isEdge && ts.isIdentifier(node) && isUse(node)) {
      if (effects.has(node.text)) found.push(`${file.path} uses ${node.text}`);
      if (isClock(node) || isRandom(node)) found.push(`${file.path} uses ${node.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function layerOf(path: string): string | undefined {
  if (path.startsWith('generators/')) return 'generators';
  return path === 'src/cli.ts' ? 'cli' : /^src\/(\w+)\//.exec(path)?.[1];
}

function importOf(node: ts.Node): string | undefined {
  if (
    (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
    node.moduleSpecifier !== undefined &&
    ts.isStringLiteral(node.moduleSpecifier)
  )
    return node.moduleSpecifier.text;
  const [argument] =
    ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments : [];
  return argument !== undefined && ts.isStringLiteral(argument) ? argument.text : undefined;
}

/** `inventory.once(…)` of anything but a function of the module's top level, or one it imports: its identity is what a value
 *  is remembered by, so a function made at each call is never found again. */
function isNamelessMemo(node: ts.Node, source: ts.SourceFile): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  if (node.expression.name.text !== 'once') return false;
  const [compute] = node.arguments;
  if (compute === undefined || !ts.isIdentifier(compute)) return true;
  return !source.statements.some(
    (each) =>
      (ts.isFunctionDeclaration(each) && each.name?.text === compute.text) ||
      (ts.isImportDeclaration(each) && namesOf(each).includes(compute.text)),
  );
}

function namesOf({ importClause }: ts.ImportDeclaration): readonly string[] {
  const bindings = importClause?.namedBindings;
  return bindings !== undefined && ts.isNamedImports(bindings)
    ? bindings.elements.map(({ name }) => name.text)
    : [];
}

function importViolations(path: string, layer: string, name: string): readonly string[] {
  if (name.startsWith('.')) {
    const to = layerOf(posix.join(posix.dirname(path), name));
    const isAllowed = to !== undefined && (to === layer || layers[layer]?.includes(to) === true);
    return isAllowed ? [] : [`${path} (${layer}) imports ${name} (${to ?? 'outside'})`];
  }
  if (name.startsWith('node:'))
    return layer === 'adapters' || layer === 'cli' || name === 'node:path' ? [] : [`${path} imports ${name}`];
  const owner = owners[name] ?? owners[name.split('/').slice(0, 2).join('/')];
  return owner?.test(path) === true ? [] : [`${path} imports ${name}`];
}

/** Reading the clock; `Date.parse(text)` and `new Date(milliseconds)` only convert. */
function isClock(node: ts.Identifier): boolean {
  if (node.text !== 'Date') return false;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return !['parse', 'UTC'].includes(parent.name.text);
  return !(ts.isNewExpression(parent) && (parent.arguments?.length ?? 0) > 0);
}

/** An identifier that stands for the global: no member, no property name, no declaration. */
function isUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  return (
    !(ts.isPropertyAssignment(parent) && parent.name === node) &&
    !ts.isTypeReferenceNode(parent) &&
    !ts.isPropertySignature(parent)
  );
}

function isRandom(node: ts.Identifier): boolean {
  return (
    node.text === 'Math' && ts.isPropertyAccessExpression(node.parent) && node.parent.name.text === 'random'
  );
}
