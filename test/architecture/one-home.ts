import ts from 'typescript';

/** A fact about Kubernetes or Istio that has one home, and what a copy of it looks like. */
interface Fact {
  readonly what: string;
  /** The one file or folder that may say it. */
  readonly home: RegExp;
  readonly isCopy: (node: ts.Node) => boolean;
}

const workloads = new Set([
  ...['CronJob', 'DaemonSet', 'Deployment', 'Job', 'Pod', 'ReplicaSet', 'ReplicationController'],
  ...['Rollout', 'StatefulSet'],
]);

const facts: readonly Fact[] = [
  {
    what: 'where a CronJob keeps its pod template',
    home: /^src\/k8s\//,
    isCopy: (node) => textOf(node) === 'jobTemplate' || keyOf(node) === 'jobTemplate',
  },
  {
    what: 'which kinds make pods',
    home: /^src\/k8s\//,
    // A rule of lint lists the kinds without which it has nothing to look at.
    isCopy: (node) => wordsIn(node).filter((each) => workloads.has(each)).length > 3 && !isListOfRule(node),
  },
  {
    what: 'what the operators of a label selector mean',
    home: /^src\/k8s\//,
    isCopy: (node) => textOf(node) === 'NotIn' || textOf(node) === 'DoesNotExist',
  },
  {
    what: 'which protocols are HTTP',
    home: /^src\/k8s\//,
    isCopy: (node) => ['http2', 'grpc', 'grpc-web'].every((each) => wordsIn(node).includes(each)),
  },
  {
    what: "the units of Go's durations",
    home: /^src\/k8s\//,
    isCopy: (node) => /µs|μs/.test(textOf(node) ?? keyOf(node) ?? '') || isRegexOf(node, /µs|μs/),
  },
  {
    what: 'what a star at the start of a host or a pattern stands for',
    home: /^src\/k8s\//,
    isCopy: (node) => isCallOf(node, 'endsWith') && node.arguments.some((each) => isTail(each)),
  },
  {
    what: 'what a Flux Kustomization is',
    home: /^src\/(?:k8s\/|model\/resource\.ts$)/,
    isCopy: (node) => textOf(node) === 'kustomize.toolkit.fluxcd.io',
  },
  {
    what: 'how texts of others are quoted for a terminal, a log, Markdown or a commit',
    // A shell's words and YAML's scalars are quoted where they are printed.
    home: /^src\/(?:model\/(?:quoted|shell)|yaml\/print|k8s\/substituted-object)\.ts$/,
    isCopy: (node) =>
      isRegexOf(node, /u001b|u009f|u200b|u202e|x1b|\\p\{C[cf]\}/i) ||
      /%0A|%3A|\u200b/.test(textOf(node) ?? '') ||
      (ts.isTemplateExpression(node) && node.getText().includes('u200b')),
  },
  {
    what: 'when two values mean the same',
    home: /^src\/model\/(?:same-value|canonical)\.ts$/,
    isCopy: (node) =>
      ts.isBinaryExpression(node) &&
      /^[!=]==$/.test(node.operatorToken.getText()) &&
      isCallOf(node.left, 'stringify') &&
      isCallOf(node.right, 'stringify'),
  },
];

/** What a file says that has its home elsewhere. */
export function copiesIn(path: string, text: string): readonly string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    for (const { what, home, isCopy } of facts)
      if (!home.test(path) && isCopy(node)) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        found.add(`${path}:${String(line + 1)} says ${what}`);
      }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...found];
}

function textOf(node: ts.Node): string | undefined {
  return ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) ? node.text : undefined;
}

function keyOf(node: ts.Node): string | undefined {
  return ts.isPropertyAssignment(node) && (ts.isIdentifier(node.name) || ts.isStringLiteral(node.name))
    ? node.name.text
    : undefined;
}

/** The texts of a list that is written out. */
function wordsIn(node: ts.Node): readonly string[] {
  return ts.isArrayLiteralExpression(node) ? node.elements.flatMap((each) => textOf(each) ?? []) : [];
}

function isListOfRule(node: ts.Node): boolean {
  return (
    ts.isPropertyAssignment(node.parent) &&
    keyOf(node.parent) === 'kinds' &&
    node.getSourceFile().fileName.startsWith('src/lint/rules/')
  );
}

function isRegexOf(node: ts.Node, what: RegExp): boolean {
  return ts.isRegularExpressionLiteral(node) && what.test(node.text);
}

function isCallOf(node: ts.Node, name: string): node is ts.CallExpression {
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.name.text === name
  );
}

/** `pattern.slice(1)` */
function isTail(node: ts.Node): boolean {
  return isCallOf(node, 'slice') && node.arguments.length === 1 && node.arguments[0]?.getText() === '1';
}
