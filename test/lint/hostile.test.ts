import { describe, expect, it } from 'vitest';
import { lintFolders } from '../../src/flows/lint.ts';
import { rules } from '../../src/lint/all-rules.ts';
import { defaultLintConfig, type LintConfig, type LintProblem } from '../../src/model/lint.ts';
import { folderOf } from './fuzz/run.ts';

/** What lint says; that it says anything at all, and in time, is half of each test. */
async function problemsOf(
  files: Readonly<Record<string, string>> | string,
  config: LintConfig = defaultLintConfig,
): Promise<readonly LintProblem[]> {
  const folder = folderOf(typeof files === 'string' ? { 'a.yaml': files } : files);
  const result = await lintFolders([folder], { rules, config, baseline: [], fleet: undefined });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value.problems;
}

const rulesOf = (problems: readonly LintProblem[]) => [...new Set(problems.map(({ rule }) => rule))];
const many = 20_000;
const list = (item: (index: number) => string): string =>
  Array.from({ length: many }, (_, index) => item(index)).join('');

/** An object whose spec is given. */
const object = (apiVersion: string, kind: string, spec: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: big, namespace: shop}\nspec:\n${spec}`;

const aliases = (levels: number, line: (level: string, before: string) => string): string =>
  Array.from({ length: levels }, (_, index) => line(`l${String(index + 1)}`, `l${String(index)}`)).join('');

describe('texts made to hang or to crash', () => {
  it.each<[string, string]>([
    [
      'a billion laughs',
      `kind: ConfigMap\nl0: &l0 ha\n${aliases(12, (level, before) => `${level}: &${level} [${`*${before}, `.repeat(9)}*${before}]\n`)}`,
    ],
    [
      'merge keys that double',
      `kind: ConfigMap\nl0: &l0 {a: 1}\n${aliases(40, (level, before) => `${level}: &${level} {<<: [*${before}, *${before}], ${level}: 1}\n`)}`,
    ],
    ['a merge of what is no map', 'kind: ConfigMap\na: &a x\nb: {<<: *a}\n'],
    ['an alias of what holds it', 'kind: ConfigMap\nspec: &a {b: *a}\n'],
    ['10 MB on one line', `kind: ConfigMap\nx: ${'x'.repeat(10_000_000)}\n`],
    ['10 MB of one list', `kind: ConfigMap\nx: [${'1,'.repeat(5_000_000)}1]\n`],
    ['lists 10,000 deep', `kind: ConfigMap\nx: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`],
    ['maps 10,000 deep', `kind: ConfigMap\nx: ${'{a: '.repeat(10_000)}1${'}'.repeat(10_000)}\n`],
    [
      'blocks 10,000 deep',
      `kind: ConfigMap\n${Array.from({ length: 3000 }, (_, index) => `${' '.repeat(index)}a:\n`).join('')}`,
    ],
    ['dashes 10,000 deep', `kind: ConfigMap\nx:\n  ${'- '.repeat(10_000)}x\n`],
    ['lists that never end', `kind: ConfigMap\nx: ${'['.repeat(100_000)}`],
  ])('%s: refused, in a sentence with its place', async (_, text) => {
    const problems = await problemsOf(text);

    expect(problems[0]).toMatchObject({ severity: 'error', file: 'a.yaml' });
    expect(problems[0]?.rule).toMatch(/^yaml-/);
    expect(problems[0]?.line).toBeGreaterThan(0);
    expect(problems[0]?.message.length).toBeLessThan(500);
  });

  it.each<[string, string]>([
    [
      '7 MB on one line',
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: ${'x'.repeat(7_000_000)}}\n`,
    ],
    [
      '7 MB in quotes',
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: "${'x '.repeat(3_500_000)}"}\n`,
    ],
    [
      '7 MB that look like names of services',
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: "${'a.b.svc:1 '.repeat(100_000)}"}\n`,
    ],
    [
      '20,000 documents',
      list((index) => `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${String(index)}}\n`),
    ],
    ['20,000 empty documents', '---\n'.repeat(many)],
    [
      '20,000 hosts of a VirtualService',
      object(
        'networking.istio.io/v1',
        'VirtualService',
        `  hosts:\n${list((index) => `  - h${String(index)}.example.com\n`)}`,
      ),
    ],
    [
      '20,000 routes',
      object(
        'networking.istio.io/v1',
        'VirtualService',
        `  hosts: [a.example.com]\n  http:\n${list((index) => `  - match: [{uri: {prefix: /${String(index)}}}]\n    route: [{destination: {host: a}}]\n`)}`,
      ),
    ],
    [
      '20,000 matches of one route, all alike',
      object(
        'networking.istio.io/v1',
        'VirtualService',
        `  hosts: [a.example.com]\n  http:\n  - route: [{destination: {host: a}}]\n    match:\n${list(() => `    - {uri: {regex: "(a+)+$"}}\n`)}`,
      ),
    ],
    [
      '20,000 subsets',
      object(
        'networking.istio.io/v1',
        'DestinationRule',
        `  host: a\n  subsets:\n${list((index) => `  - {name: s${String(index)}, labels: {v: "${String(index)}"}}\n`)}`,
      ),
    ],
    [
      '20,000 rules of a policy',
      object(
        'security.istio.io/v1',
        'AuthorizationPolicy',
        `  rules:\n${list((index) => `  - from: [{source: {principals: [cluster.local/ns/a/sa/s${String(index)}]}}]\n`)}`,
      ),
    ],
    [
      '20,000 egress hosts',
      object(
        'networking.istio.io/v1',
        'Sidecar',
        `  egress:\n  - hosts:\n${list((index) => `    - "ns${String(index)}/*"\n`)}`,
      ),
    ],
    [
      '20,000 servers of a Gateway',
      object(
        'networking.istio.io/v1',
        'Gateway',
        `  selector: {istio: ingressgateway}\n  servers:\n${list((index) => `  - {port: {number: ${String((index % 60_000) + 1)}, name: p${String(index)}, protocol: HTTP}, hosts: ["*"]}\n`)}`,
      ),
    ],
    [
      '20,000 hosts of a ServiceEntry',
      object(
        'networking.istio.io/v1',
        'ServiceEntry',
        `  ports: [{number: 443, name: tls, protocol: TLS}]\n  resolution: DNS\n  hosts:\n${list((index) => `  - h${String(index)}.example.com\n`)}`,
      ),
    ],
    [
      '20,000 ports of a Service',
      object(
        'v1',
        'Service',
        `  selector: {app: a}\n  ports:\n${list((index) => `  - {name: http-${String(index)}, port: ${String((index % 60_000) + 1)}}\n`)}`,
      ),
    ],
    [
      '20,000 variables of a container',
      object(
        'apps/v1',
        'Deployment',
        `  template:\n    metadata: {labels: {app: a}}\n    spec:\n      containers:\n      - name: a\n        env:\n${list((index) => `        - {name: V${String(index)}_HOST, value: "s${String(index)}.ns:80"}\n`)}`,
      ),
    ],
    [
      '20,000 containers',
      object(
        'apps/v1',
        'Deployment',
        `  template:\n    metadata: {labels: {app: a}}\n    spec:\n      containers:\n${list((index) => `      - {name: c${String(index)}, image: x, ports: [{containerPort: 80}]}\n`)}`,
      ),
    ],
    [
      '20,000 labels of a selector',
      object(
        'v1',
        'Service',
        `  ports: [{port: 80}]\n  selector:\n${list((index) => `    l${String(index)}: x\n`)}`,
      ),
    ],
    [
      '20,000 Services that one Deployment answers',
      `${object('apps/v1', 'Deployment', '  template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a}]}}\n')}${list((index) => `---\napiVersion: v1\nkind: Service\nmetadata: {name: s${String(index)}, namespace: shop}\nspec: {selector: {app: a}, ports: [{name: http, port: 80}]}\n`)}`,
    ],
  ])('%s: read, or refused by size', async (_, text) => {
    const problems = await problemsOf(text);

    expect(problems.every(({ message }) => message.length < 5000)).toBe(true);
  });

  it.each(['{', '[', '- ', '? ', ': '])('a text with 300 times %j is a text like others', async (opening) => {
    const problems = await problemsOf(`apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: allow-all
  namespace: shop
  annotations:
    note: "x${opening.repeat(300)}x"
spec: {}
`);

    expect(rulesOf(problems)).toEqual(['policy-name-says-allow']);
  });

  it('names that every object of JavaScript has are names like others', async () => {
    const text = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
      .map(
        (name) => `---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${name}, labels: {${name}: x}, annotations: {${name}: x}}
spec: {selector: {${name}: x}, ports: [{name: ${name}, port: 80}], ${name}: {${name}: 1}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: ${name}}
spec: {hosts: [${name}], http: [{route: [{destination: {host: ${name}, subset: ${name}}}]}]}
`,
      )
      .join('');

    expect(rulesOf(await problemsOf(text))).toContain('destination-subset-unknown');
  });

  it.each([
    ['itself', { 'kustomization.yaml': 'resources: [.]\n' }],
    [
      'each other',
      { 'a/kustomization.yaml': 'resources: [../b]\n', 'b/kustomization.yaml': 'resources: [../a]\n' },
    ],
    ['what is outside', { 'kustomization.yaml': 'resources: [../../../../etc, /etc/passwd]\n' }],
    [
      'the same file 20,000 times',
      {
        'kustomization.yaml': `resources:\n${list(() => '- a.yaml\n')}`,
        'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n',
      },
    ],
  ])('kustomizations that name %s: a problem with its file', async (_, files) => {
    const problems = await problemsOf(files);

    expect(problems[0]?.file).toMatch(/kustomization\.yaml$/);
  });

  it('patterns of a configuration that stand for everything in many ways', async () => {
    const pattern = `${'**/*'.repeat(30)}x`;
    const path = `${'a/'.repeat(60)}a.yaml`;
    const config = {
      ...defaultLintConfig,
      ignore: [pattern],
      overrides: [{ files: [pattern], severities: new Map() }],
    };

    expect(rulesOf(await problemsOf({ [path]: 'kind: [\n' }, config))).toEqual(['yaml-syntax']);
  });

  it('patches whose targets are patterns that try everything', async () => {
    const names = list(
      (index) =>
        `- {target: {kind: Service, name: "(a+)+$${String(index)}"}, patch: "- {op: remove, path: /spec}"}\n`,
    );
    const problems = await problemsOf({
      'kustomization.yaml': `resources: [a.yaml]\npatches:\n${names}`,
      'a.yaml': `apiVersion: v1\nkind: Service\nmetadata: {name: ${'a'.repeat(60)}}\n`,
    });

    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
