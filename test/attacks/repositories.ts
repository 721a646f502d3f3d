/** What a repository may hold that is to stop the run, to get out of it, or to get into it: more files of an application, by
 *  path. A text that begins with `link: ` is a symbolic link. */
export interface HostileRepository {
  readonly name: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** What the kustomization of the application takes in as well. */
  readonly resources?: readonly string[];
  /** More lines of it. */
  readonly more?: string;
}

const object = (kind: string, name: string) => `apiVersion: v1\nkind: ${kind}\nmetadata: {name: ${name}}\n`;
const many = <T>(count: number, of: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => of(at));

function filesOf(
  count: number,
  of: (index: number) => readonly [path: string, text: string],
): Readonly<Record<string, string>> {
  return Object.fromEntries(many(count, of));
}

function levels(count: number, of: (level: number, side: string) => string): Record<string, string> {
  const found: Record<string, string> = {};
  for (let level = 0; level < count; level++)
    for (const side of ['a', 'b']) found[`l${String(level)}${side}/kustomization.yaml`] = of(level, side);
  for (const side of ['a', 'b']) {
    found[`l${String(count)}${side}/kustomization.yaml`] = 'resources: [x.yaml]\n';
    found[`l${String(count)}${side}/x.yaml`] = object('ConfigMap', 'x');
  }
  return found;
}

const below = (level: number) => `resources: [../l${String(level + 1)}a, ../l${String(level + 1)}b]\n`;
const nested = (open: string, close: string, depth: number) =>
  `${object('ConfigMap', 'deep')}data: ${open.repeat(depth)}1${close.repeat(depth)}\n`;
const policy = (field: string) =>
  `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: slow}\nspec: {action: ALLOW, rules: [${field}]}\n`;
const ten = 10 * 1024 * 1024;

export const repositories: readonly HostileRepository[] = [
  {
    name: 'fan-out',
    files: levels(22, (level, side) => `namePrefix: ${side}\n${below(level)}`),
    resources: ['../l0a', '../l0b'],
  },
  { name: 'fan-same', files: levels(22, below), resources: ['../l0a', '../l0b'] },
  {
    name: 'chain',
    files: {
      ...filesOf(3000, (at) => [`c${String(at)}/kustomization.yaml`, `resources: [../c${String(at + 1)}]\n`]),
      'c3000/kustomization.yaml': 'resources: []\n',
    },
    resources: ['../c0'],
  },
  {
    name: 'circle',
    files: { 'c/kustomization.yaml': 'resources: [../d]\n', 'd/kustomization.yaml': 'resources: [../c]\n' },
    resources: ['../c'],
  },
  { name: 'itself', files: {}, resources: ['.', '../deploy'] },
  { name: 'deep-flow', files: { 'deploy/x.yaml': nested('[', ']', 100_000) }, resources: ['x.yaml'] },
  { name: 'deep-map', files: { 'deploy/x.yaml': nested('{"a": ', '}', 50_000) }, resources: ['x.yaml'] },
  { name: 'deep-open', files: { 'deploy/x.yaml': `a: ${'['.repeat(200_000)}` }, resources: ['x.yaml'] },
  {
    name: 'deep-block',
    files: { 'deploy/x.yaml': many(3000, (at) => `${' '.repeat(at)}a:\n`).join('') },
    resources: ['x.yaml'],
  },
  { name: 'deep-list', files: { 'deploy/x.yaml': `a:\n  ${'- '.repeat(50_000)}1\n` }, resources: ['x.yaml'] },
  {
    name: 'laughs',
    files: {
      'deploy/x.yaml': `${object('ConfigMap', 'x')}data:\n  a0: &a0 [x, x]\n${many(40, (at) => `  a${String(at + 1)}: &a${String(at + 1)} [*a${String(at)}, *a${String(at)}]\n`).join('')}`,
    },
    resources: ['x.yaml'],
  },
  {
    name: 'merge-keys',
    files: {
      'deploy/x.yaml': `${object('ConfigMap', 'x')}data:\n  a0: &a0 {k: v}\n${many(40, (at) => `  a${String(at + 1)}: &a${String(at + 1)} {<<: *a${String(at)}, b: *a${String(at)}, c: *a${String(at)}}\n`).join('')}`,
    },
    resources: ['x.yaml'],
  },
  {
    name: 'huge-file',
    files: { 'deploy/x.yaml': `${object('ConfigMap', 'x')}data: {a: "${'x'.repeat(2 * ten)}"}\n` },
    resources: ['x.yaml'],
  },
  {
    name: 'huge-text',
    files: { 'deploy/x.yaml': `${object('ConfigMap', 'x')}data: {a: "${'x'.repeat(ten)}"}\n` },
    resources: ['x.yaml'],
  },
  {
    name: 'huge-key',
    files: { 'deploy/x.yaml': `${object('ConfigMap', 'x')}data: {${'k'.repeat(ten / 10)}: a}\n` },
    resources: ['x.yaml'],
  },
  { name: 'huge-kustomization', files: {}, more: `commonAnnotations: {a: "${'x'.repeat(2 * ten)}"}\n` },
  { name: 'documents', files: { 'deploy/x.yaml': '---\n'.repeat(300_000) }, resources: ['x.yaml'] },
  {
    name: 'objects',
    files: { 'deploy/x.yaml': many(15_000, (at) => object('ConfigMap', `c${String(at)}`)).join('---\n') },
    resources: ['x.yaml'],
  },
  {
    name: 'files',
    files: filesOf(4000, (at) => [`deploy/f/${String(at)}.yaml`, object('ConfigMap', `c${String(at)}`)]),
    resources: many(4000, (at) => `f/${String(at)}.yaml`),
  },
  {
    name: 'patches',
    files: { 'deploy/x.yaml': many(1500, (at) => object('ConfigMap', `c${String(at)}`)).join('---\n') },
    resources: ['x.yaml'],
    more: `patches:\n${many(1500, (at) => `  - {target: {kind: ConfigMap}, patch: '[{"op": "add", "path": "/metadata/annotations/a${String(at)}", "value": "b"}]'}\n`).join('')}`,
  },
  {
    name: 'copies',
    files: { 'deploy/x.yaml': `${object('ConfigMap', 'x')}data: {a: {k: v}}\n` },
    resources: ['x.yaml'],
    more: `patches:\n  - target: {kind: ConfigMap}\n    patch: '${JSON.stringify(many(60, (at) => ({ op: 'copy', from: '/data', path: `/data/a${String(at)}` })))}'\n`,
  },
  {
    name: 'slashes',
    files: { 'deploy/x.yaml': policy(`{to: [{operation: {paths: ["${'/'.repeat(400_000)}"]}}]}`) },
    resources: ['x.yaml'],
  },
  {
    name: 'ingresses',
    files: {
      'deploy/x.yaml': policy(`{from: [{source: {namespaces: ["${'ingress'.repeat(60_000)}\\n"]}}]}`),
    },
    resources: ['x.yaml'],
  },
  {
    name: 'spaces',
    files: {
      'deploy/x.yaml': `${object('ConfigMap', 'x')}data:\n  a: b${' '.repeat(500_000)}#\n  c: |\n${' \n'.repeat(200_000)}`,
    },
    resources: ['x.yaml'],
  },
  {
    name: 'dollars',
    files: { 'deploy/x.yaml': `${object('ConfigMap', 'x')}data: {a: "${'${A:='.repeat(100_000)}"}\n` },
    resources: ['x.yaml'],
  },
  {
    name: 'braces',
    files: { 'deploy/x.yaml': policy(`{to: [{operation: {paths: ["${'{*}'.repeat(100_000)}"]}}]}`) },
    resources: ['x.yaml'],
  },
  {
    name: 'link-out',
    files: { 'deploy/x.yaml': 'link: ../../../../../../../../etc/passwd' },
    resources: ['x.yaml'],
  },
  {
    name: 'link-root',
    files: { d: 'link: /', 'deploy/x.yaml': 'link: ../d/etc/passwd' },
    resources: ['../d/etc/passwd'],
  },
  { name: 'link-loop', files: { 'deploy/x.yaml': 'link: x.yaml' }, resources: ['x.yaml'] },
  { name: 'link-lock', files: { '.meshwright': 'link: ../../' } },
  { name: 'climb', files: {}, resources: ['../../../../../../etc/passwd', '/etc/passwd', '..\\..\\x'] },
  {
    name: 'odd-names',
    files: {
      'deploy/a\n::error::b.yaml': object('ConfigMap', 'a'),
      'deploy/-rf': 'x',
      'deploy/\u001b[2Jx.yaml': object('ConfigMap', 'b'),
      'deploy/\u202eb.yaml': 'x',
      'deploy/$(touch pwned).yaml': 'x',
    },
    resources: ['"a\\n::error::b.yaml"', '"\\e[2Jx.yaml"', '"$(touch pwned).yaml"'],
  },
  {
    name: 'remote',
    files: {},
    resources: [
      'https://127.0.0.1:9/x//y?ref=z',
      'git::ssh://evil.example/x',
      '"ext::sh -c touch% pwned"',
      'github.com/evil/x',
    ],
  },
  {
    name: 'plugins',
    files: {
      'deploy/g.yaml':
        'apiVersion: x/v1\nkind: G\nmetadata: {name: g, annotations: {config.kubernetes.io/function: "exec: {path: ./run.sh}"}}\n',
      'deploy/run.sh': '#!/bin/sh\ntouch pwned\n',
    },
    more: 'generators: [g.yaml]\ntransformers: [g.yaml]\nvalidators: [g.yaml]\nhelmCharts: [{name: x, repo: "https://127.0.0.1:9"}]\nopenapi: {path: /etc/passwd}\n',
  },
  {
    name: 'environments',
    files: {},
    more: 'configMapGenerator: [{name: x, envs: [/etc/environment], files: [/etc/passwd, a=../../../../etc/passwd]}]\nsecretGenerator: [{name: y, files: [/proc/self/environ]}]\n',
  },
  {
    name: 'binary',
    files: {
      'deploy/x.yaml': new Uint8Array([0, 255, 254, 0, 128, 10, 0]),
      'deploy/y.yaml': new Uint8Array(Buffer.from(`\ufeff${object('ConfigMap', 'x')}`, 'utf16le')),
    },
    resources: ['x.yaml', 'y.yaml'],
  },
  {
    name: 'prototypes',
    files: {
      'deploy/x.yaml': `${object('ConfigMap', '__proto__')}data: {__proto__: {polluted: "yes"}, constructor: a, toString: b, hasOwnProperty: c}\n---\napiVersion: __proto__\nkind: constructor\nmetadata: {name: toString}\n`,
    },
    resources: ['x.yaml'],
  },
  {
    name: 'types',
    files: {
      'deploy/x.yaml':
        'apiVersion: [v1]\nkind: {a: b}\nmetadata: 7\n---\n- a\n---\n7\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web2}\nspec: [{ports: 7}]\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: 1e99}\nspec: {template: {spec: {containers: {a: b}}}}\n',
    },
    resources: ['x.yaml'],
  },
  {
    name: 'numbers',
    files: {
      'deploy/x.yaml': `apiVersion: v1\nkind: Service\nmetadata: {name: n}\nspec: {ports: [{port: 1e400}, {port: -1}, {port: .nan}, {port: 0x7fffffffffffffffff}, {port: ${'9'.repeat(100_000)}}]}\n`,
    },
    resources: ['x.yaml'],
  },
  {
    name: 'lock-forged',
    files: {
      '.meshwright/lock-forged@lab.lock.yaml': '#\napiVersion: meshwright.dev/v1\n    stage: enforced\n',
    },
  },
  {
    name: 'lock-newer',
    files: { '.meshwright/lock-newer@lab.lock.yaml': 'apiVersion: meshwright.dev/v99\nkind: Lock\n' },
  },
  { name: 'lock-huge', files: { '.meshwright/lock-huge@lab.lock.yaml': `# ${'x'.repeat(2 * ten)}\n` } },
  {
    name: 'lock-deep',
    files: { '.meshwright/lock-deep@lab.lock.yaml': `apiVersion: ${'['.repeat(100_000)}` },
  },
  {
    name: 'conflict',
    files: { 'deploy/x.yaml': `<<<<<<< ours\n${object('ConfigMap', 'x')}=======\n>>>>>>> theirs\n` },
    resources: ['x.yaml'],
  },
  {
    name: 'attributes',
    files: {
      '.gitattributes': '* filter=evil diff=evil merge=evil export-ignore\n',
      '.gitmodules':
        '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch pwned"\n\tupdate = !touch pwned\n',
      '.lfsconfig': '[lfs]\n\turl = https://127.0.0.1:9\n',
    },
  },
  {
    name: 'twins',
    files: {
      'deploy/All.yaml': object('ConfigMap', 'x'),
      'deploy/Kustomization': 'resources: [All.yaml]\n',
      'deploy/kustomization.yml': 'resources: []\n',
    },
  },
];
