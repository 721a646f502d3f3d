/** What each layer may import; a layer may always import itself. Siblings are simply not listed. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  model: [],
  yaml: ['model'],
  k8s: ['model', 'yaml'],
  fleet: ['model', 'yaml', 'k8s'],
  aws: ['model', 'yaml', 'k8s'],
  kustomize: ['model', 'yaml', 'k8s'],
  merge: ['model', 'yaml', 'k8s'],
  flux: ['model', 'yaml', 'k8s', 'kustomize'],
  mesh: ['model', 'yaml', 'k8s', 'flux'],
  lint: ['model', 'yaml', 'k8s', 'mesh'],
  traffic: ['model', 'yaml', 'k8s', 'mesh'],
  generators: ['model', 'yaml', 'k8s'],
  bundle: ['model', 'yaml', 'k8s', 'kustomize', 'merge', 'generators', 'flux', 'mesh', 'traffic'],
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
    'flux',
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
  cli: ['model', 'fleet', 'commands', 'report', 'adapters'],
};

/** The one place that may import a package. */
export const owners: Readonly<Record<string, RegExp>> = {
  yaml: /^src\/yaml\//,
  zod: /^src\/fleet\//,
  handlebars: /^src\/bundle\//,
  '@noble/hashes': /^src\/(?:bundle|flux)\//,
  'simple-git': /^src\/adapters\/git/,
  '@octokit/rest': /^src\/adapters\/github/,
  '@octokit/auth-app': /^src\/adapters\/github/,
  undici: /^src\/adapters\/network\.ts$/,
  inquirer: /^src\/adapters\/terminal\.ts$/,
  commander: /^src\/cli\.ts$/,
  picocolors: /^src\/report\//,
  diff: /^src\/report\//,
  picomatch: /^src\/lint\//,
};

/** Names of `node:path` that depend on their arguments alone; `resolve` and `relative` read the working directory. */
export const purePathNames = new Set([
  'join',
  'dirname',
  'basename',
  'extname',
  'isAbsolute',
  'normalize',
  'posix',
]);

/** Globals whose value depends on nothing but their arguments. Whatever is not here is an effect. */
export const pureGlobals = new Set([
  ...['undefined', 'NaN', 'Infinity', 'isNaN', 'isFinite', 'parseInt', 'parseFloat', 'structuredClone'],
  ...['Object', 'Array', 'String', 'Number', 'Boolean', 'Symbol', 'BigInt', 'JSON', 'Math', 'Date', 'RegExp'],
  ...[
    'Map',
    'Set',
    'WeakMap',
    'WeakSet',
    'Promise',
    'Iterator',
    'Uint8Array',
    'Int32Array',
    'Uint32Array',
    'DataView',
  ],
  ...[
    'Error',
    'TypeError',
    'RangeError',
    'ReferenceError',
    'SyntaxError',
    'AggregateError',
    'URL',
    'URLSearchParams',
  ],
  ...['encodeURIComponent', 'decodeURIComponent', 'encodeURI', 'decodeURI', 'TextEncoder', 'TextDecoder'],
]);

/** Members of pure values that read the clock, chance, the locale, the time zone or the working directory, or that make
 *  code of text. By the interface that declares them; `*`: whichever does. */
export const impureMembers: Readonly<Record<string, RegExp>> = {
  Math: /^random$/,
  DateConstructor: /^now$/,
  Date: /^(?:to(?:Date|Time)?String|toLocale\w*|get(?:FullYear|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds|TimezoneOffset)|set(?!UTC|Time)\w+)$/,
  PlatformPath: /^(?:resolve|relative|matchesGlob)$/,
  '*': /^(?:constructor|localeCompare|toLocale\w*)$/,
};
