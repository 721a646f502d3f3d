import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { impureMembers, layers, owners, pureGlobals, purePathNames } from './layers.ts';

export interface SourceFile {
  /** From the project root: `src/model/json.ts`. */
  readonly path: string;
  readonly text: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url)).replaceAll('\\', '/');
const lineLimit = 400;
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly devDependencies: Readonly<Record<string, string>>;
};

/** Paths of the TypeScript files below some folders, from the project root. */
export function filesBelow(...folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
  );
}

/** Files that are longer than the house allows. */
export function tooLong(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    const lines = readFileSync(join(root, path), 'utf8').split('\n').length;
    return lines > lineLimit ? [`${path} has ${String(lines)} lines`] : [];
  });
}

/** The sources as TypeScript resolves them: names by the symbol they mean, imports by the file they lead to. */
export class House {
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;
  readonly #host: ts.CompilerHost;
  readonly #options: ts.CompilerOptions;

  /** @param more  files that do not exist: the rules' own tests */
  constructor(more: readonly SourceFile[] = []) {
    const config = ts.readConfigFile(join(root, 'tsconfig.json'), (name) => ts.sys.readFile(name));
    this.#options = ts.parseJsonConfigFileContent(config.config, ts.sys, root).options;
    const texts = new Map(more.map(({ path, text }) => [root + path, text]));
    const host = ts.createCompilerHost(this.#options);
    this.#host = {
      ...host,
      fileExists: (name) => texts.has(name) || host.fileExists(name),
      readFile: (name) => texts.get(name) ?? host.readFile(name),
      getSourceFile: (name, version, onError) => {
        const text = texts.get(name);
        return text === undefined
          ? host.getSourceFile(name, version, onError)
          : ts.createSourceFile(name, text, version, true);
      },
    };
    const names = [...filesBelow('src', 'generators'), ...more.map(({ path }) => path)];
    this.#program = ts.createProgram({
      rootNames: names.map((name) => root + name),
      options: this.#options,
      host: this.#host,
    });
    this.#checker = this.#program.getTypeChecker();
  }

  /** What a file does against the rules of the house. */
  violations(path: string): readonly string[] {
    const layer = layerOf(path);
    const source = this.#program.getSourceFile(root + path);
    if (layer === undefined || source === undefined) return [`${path} is in no layer`];
    const found: string[] = [];
    const isEdge = layer === 'adapters' || layer === 'cli';
    const visit = (node: ts.Node): void => {
      if (this.#isNamelessMemo(node)) found.push('remembers by a function made on the spot');
      const name = importOf(node);
      if (name !== undefined) found.push(...this.#importViolations(path, layer, name, node));
      if (!isEdge) {
        if (ts.isIdentifier(node)) found.push(...this.#effectViolations(node));
        if (
          ts.isElementAccessExpression(node) &&
          !isIndex(this.#checker.getTypeAtLocation(node.expression), node)
        )
          found.push('reads a member by a computed name of a global');
        if (ts.isMetaProperty(node)) found.push('uses import.meta');
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found.map((what) => `${path} (${layer}) ${what}`);
  }

  /** Files that import each other in a circle, types included: each circle once, as `a -> b -> a`. */
  cycles(): readonly string[] {
    const paths = this.#program
      .getSourceFiles()
      .map(({ fileName }) => fileName)
      .filter((name) => name.startsWith(root) && layerOf(name.slice(root.length)) !== undefined)
      .map((name) => name.slice(root.length));
    const edges = new Map(paths.map((path) => [path, this.#neighbours(path)]));
    const done = new Set<string>();
    const found: string[] = [];
    const walk = (path: string, trail: readonly string[]): void => {
      const at = trail.indexOf(path);
      if (at >= 0) found.push([...trail.slice(at), path].join(' -> '));
      if (at >= 0 || done.has(path)) return;
      for (const next of edges.get(path) ?? []) walk(next, [...trail, path]);
      done.add(path);
    };
    for (const path of paths) walk(path, []);
    return found;
  }

  #neighbours(path: string): readonly string[] {
    const source = this.#program.getSourceFile(root + path);
    const found = new Set<string>();
    const visit = (node: ts.Node): void => {
      const name = importOf(node);
      const to = typeof name === 'string' ? this.#resolve(name, path) : undefined;
      if (to !== undefined && layerOf(to) !== undefined) found.add(to);
      ts.forEachChild(node, visit);
    };
    if (source !== undefined) visit(source);
    return [...found];
  }

  /** @returns the file from the project root, `node_modules/…` included; undefined: TypeScript finds none */
  #resolve(name: string, path: string): string | undefined {
    const { resolvedModule } = ts.resolveModuleName(name, root + path, this.#options, this.#host);
    const file =
      resolvedModule?.resolvedFileName ??
      (name.startsWith('.') ? root + posix.join(posix.dirname(path), name) : undefined);
    return file?.startsWith(root) === true ? file.slice(root.length) : file;
  }

  #importViolations(path: string, layer: string, name: string | symbol, node: ts.Node): readonly string[] {
    if (typeof name === 'symbol') return ['imports a name that is computed'];
    const isEdge = layer === 'adapters' || layer === 'cli';
    if (isBuiltin(name)) {
      if (isEdge) return [];
      if (name !== 'node:path') return [`imports ${name}`];
      return pathNames(node).flatMap((each) =>
        purePathNames.has(each) ? [] : [`imports ${each} of node:path`],
      );
    }
    const to = this.#resolve(name, path);
    const within = to === undefined ? undefined : layerOf(to);
    if (within !== undefined) {
      const isAllowed = within === layer || layers[layer]?.includes(within) === true;
      return isAllowed ? [] : [`imports ${name} (${within})`];
    }
    if (name.startsWith('.') && to?.includes('node_modules/') !== true) return [`imports ${name} (outside)`];
    const packageName = packageOf(to?.split('node_modules/').at(-1) ?? name).replace(/^@types\//, '');
    const owner = owners[packageName];
    if (owner?.test(path) !== true) return [`imports ${packageName}, which it does not own`];
    return packageName in devDependencies ? [] : [`imports ${packageName}, which is not a dependency`];
  }

  /** `inventory.once(…)` of anything but a function of some module's top level: its identity is what a value is remembered
   *  by, so a function made at each call is never found again. */
  #isNamelessMemo(node: ts.Node): boolean {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
    if (node.expression.name.text !== 'once') return false;
    const [compute] = node.arguments;
    if (compute === undefined || !ts.isIdentifier(compute)) return true;
    const found = this.#checker.getSymbolAtLocation(compute);
    const isAlias = found !== undefined && (found.flags & ts.SymbolFlags.Alias) !== 0;
    const symbol = isAlias ? this.#checker.getAliasedSymbol(found) : found;
    return (
      symbol?.declarations?.every(
        (each) => ts.isFunctionDeclaration(each) && ts.isSourceFile(each.parent),
      ) !== true
    );
  }

  /** A name that stands for something outside of the program: a global, or a member of one. */
  #effectViolations(node: ts.Identifier): readonly string[] {
    const { parent } = node;
    if (
      ts.isPartOfTypeNode(node) ||
      ts.isTypeElement(parent) ||
      (ts.isPropertyAssignment(parent) && parent.name === node)
    )
      return [];
    const symbol = ts.isShorthandPropertyAssignment(parent)
      ? this.#checker.getShorthandAssignmentValueSymbol(parent)
      : this.#checker.getSymbolAtLocation(node);
    const declarations = symbol?.declarations ?? [];
    if (symbol === undefined || declarations.length === 0 || !declarations.every(isForeign))
      return isUnknown(symbol, node) ? [`uses ${node.text}, which nothing declares`] : [];
    const owner = declarations.map(ownerOf).find((each) => each !== undefined);
    if (owner !== undefined) {
      const isImpure =
        impureMembers[owner]?.test(node.text) === true || impureMembers['*']?.test(node.text) === true;
      return isImpure ? [`uses ${owner}.${node.text}`] : [];
    }
    if (!declarations.some(isGlobal)) return [];
    if (!pureGlobals.has(node.text)) return [`uses ${node.text}`];
    return isPlainUse(node) ? [] : [`uses ${node.text} as a value`];
  }
}

function layerOf(path: string): string | undefined {
  if (path.startsWith('generators/')) return 'generators';
  return path === 'src/cli.ts' || path === 'src/start.ts' ? 'cli' : /^src\/([\w-]+)\//.exec(path)?.[1];
}

const computed = Symbol('computed');

/** The module that a node imports, in whatever way; `computed`: it is not written down. */
function importOf(node: ts.Node): string | symbol | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : computed;
  if (ts.isExternalModuleReference(node)) return textOf(node.expression);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return textOf(node.arguments[0]) ?? computed;
  return undefined;
}

function textOf(node: ts.Node | undefined): string | symbol | undefined {
  if (node === undefined) return undefined;
  return ts.isStringLiteralLike(node) ? node.text : computed;
}

/** What is imported of a module; `*` for all of it. */
function pathNames(node: ts.Node): readonly string[] {
  if (!ts.isImportDeclaration(node)) return ['*'];
  const clause = node.importClause;
  const names = clause?.namedBindings;
  if (clause?.name !== undefined || names === undefined || !ts.isNamedImports(names)) return ['*'];
  return names.elements.map((each) => (each.propertyName ?? each.name).text);
}

function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

const isForeign = (declaration: ts.Declaration) => declaration.getSourceFile().isDeclarationFile;

/** The interface or class that declares a member. */
function ownerOf({ parent }: ts.Declaration): string | undefined {
  return ts.isInterfaceDeclaration(parent) || ts.isClassDeclaration(parent) ? parent.name?.text : undefined;
}

/** Whether a declaration is in scope everywhere, and of no module. */
function isGlobal(declaration: ts.Declaration): boolean {
  const source = declaration.getSourceFile();
  // A package may declare globals for types of its own; whoever may import it may name them.
  if (!/\/(?:typescript\/lib|@types\/node)\//.test(source.fileName)) return false;
  for (let node: ts.Node = declaration; !ts.isSourceFile(node); node = node.parent) {
    if (ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name)) return false;
    if (ts.isModuleDeclaration(node) && (node.flags & ts.NodeFlags.GlobalAugmentation) !== 0) return true;
  }
  return !ts.isExternalModule(source);
}

/** A value that no declaration names, such as a global of a runtime that has no types here. */
function isUnknown(symbol: ts.Symbol | undefined, node: ts.Identifier): boolean {
  return symbol === undefined && ts.isExpressionStatement(node.parent);
}

/** `Math.max(…)`, `new Map()`, `String(x)`, `instanceof Error`, `.map(String)`; not `const { random } = Math`. */
function isPlainUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (node.text === 'Date')
    return (
      ts.isPropertyAccessExpression(parent) ||
      (ts.isNewExpression(parent) && (parent.arguments?.length ?? 0) > 0)
    );
  if (node.text === 'Math') return ts.isPropertyAccessExpression(parent);
  return true;
}

/** Whether `object[key]` is an element of data, and no member of a global by another name. */
function isIndex(type: ts.Type, { argumentExpression }: ts.ElementAccessExpression): boolean {
  const name = type.getSymbol()?.name;
  return (
    ts.isNumericLiteral(argumentExpression) ||
    !(name === 'Math' || name === 'DateConstructor' || name === 'PlatformPath')
  );
}
