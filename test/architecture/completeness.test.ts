import { describe, expect, it } from 'vitest';
import { readProject } from './project.ts';
import { missingParts } from './units/missing-parts.ts';
import { digestOf } from './units/templates.ts';
import type { Project } from './units/unit.ts';

const project = readProject();

it('everything that a generator, rule, command or importer needs is there', () => {
  expect(missingParts(project).join('\n')).toBe('');
});

type Change = (before: Project) => Project;

/** The project without the files whose path begins so. */
const without =
  (...starts: readonly string[]): Change =>
  (before) => {
    const after = new Map([...before].filter(([path]) => !starts.some((start) => path.startsWith(start))));
    if (after.size === before.size) throw new Error(`nothing begins with ${starts.join(', ')}`);
    return after;
  };

/** The project with a text in place of what matches in one file. */
const edit =
  (path: string, from: string | RegExp, to: string): Change =>
  (before) => {
    const text = before.get(path) ?? '';
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`${path} has no ${String(from)}`);
    return new Map([...before, [path, changed]]);
  };

const add =
  (path: string, text: string): Change =>
  (before) =>
    new Map([...before, [path, text]]);

const all =
  (...changes: readonly Change[]): Change =>
  (before) =>
    changes.reduce((now, change) => change(now), before);

const unlisted = (kind: string, name: string) =>
  edit('test/architecture/units/older.txt', new RegExp(`^(${kind}:.*?) ${name}(?= |$)`, 'm'), '$1');

const rule = 'tls-without-mode';
const changelog = 'templates/CHANGELOG.md';
const sidecar = 'templates/namespace/istio-sidecar.yaml.hbs';
const digests = 'test/architecture/template-digests.json';
const inVersion = (version: string) => edit(changelog, '## 1.1.0', `## ${version}\n\n- Another.\n\n## 1.1.0`);
const keepSidecar = (version: string) =>
  add(`templates/versions/${version}/namespace/istio-sidecar.yaml.hbs`, project.get(sidecar) ?? '');
const changeSidecar = edit(sidecar, /$/, '# more\n');

/** One part taken away, or one thing left over, and all that is said then. */
const cases: readonly (readonly [what: string, change: Change, said: readonly (string | RegExp)[]])[] = [
  [
    'a rule without its line in the index',
    edit('src/lint/rules/index.ts', /^.*'\.\/destination-rule\/tls-without-mode\.ts';\n/m, ''),
    [
      "src/lint/rules/index.ts: add `export { default as tlsWithoutMode } from './destination-rule/tls-without-mode.ts';`.",
    ],
  ],
  [
    'a rule without what it finds',
    without(`test/lint/rules/${rule}/bad`),
    [`test/lint/rules/${rule}/bad.yaml: add what the rule finds, with \`# expect: ${rule}\` on its line.`],
  ],
  [
    'a rule whose example does not say what it finds',
    edit(`test/lint/rules/${rule}/bad.yaml`, / *# expect: .*/g, ''),
    [/^test\/lint\/rules\/tls-without-mode\/bad\.yaml: add /],
  ],
  [
    'a rule without what it leaves alone',
    without(`test/lint/rules/${rule}/good`),
    [`test/lint/rules/${rule}/good.yaml: add the same as it should be.`],
  ],
  [
    'a rule without its page',
    without(`docs/rules/${rule}.md`),
    [/^docs\/rules\/tls-without-mode\.md: write /],
  ],
  [
    'a rule without its row',
    edit('docs/rules/README.md', new RegExp(`^\\| \\[${rule}\\].*\\n`, 'm'), ''),
    [/^docs\/rules\/README\.md: write the row of tls-without-mode with /],
  ],
  [
    'a rule called otherwise than its file',
    edit(`src/lint/rules/destination-rule/${rule}.ts`, `id: '${rule}'`, "id: 'tls-no-mode'"),
    [
      `src/lint/rules/destination-rule/${rule}.ts: let \`id\` be the name of the file, ${rule}, not tls-no-mode.`,
    ],
  ],
  [
    'a new rule that the changelog does not name',
    unlisted('rule', rule),
    [`CHANGELOG.md: say under Unreleased what the new rule does, with its name in backticks: \`${rule}\`.`],
  ],
  [
    'a rule that is gone',
    without(`src/lint/rules/destination-rule/${rule}.ts`),
    [
      `src/lint/rules/index.ts: take out the line of destination-rule/${rule}, which is gone.`,
      `test/lint/rules/${rule}: there is no such rule.`,
      `docs/rules/${rule}.md: there is no such rule.`,
      `docs/rules/README.md: take out the row of ${rule}, which is no rule.`,
      `test/architecture/units/older.txt: take out ${rule}, which is no rule.`,
    ],
  ],
  [
    'a file among the rules that is none',
    add('src/lint/rules/gateway/ports.ts', 'export const ports = [80];\n'),
    [/^src\/lint\/rules\/gateway\/ports\.ts is no rule: let it say `export default rule\(\{…\}\)`, /],
  ],

  [
    'a command without its line in the index',
    edit('src/commands/index.ts', /^import images .*\n/m, ''),
    ["src/commands/index.ts: add `import images from './images.ts';`, and images to the list."],
  ],
  [
    'a command that the index imports and does not list',
    edit('src/commands/index.ts', '  images,\n', ''),
    ['src/commands/index.ts: add images to the list.'],
  ],
  [
    'a command without its JSON',
    edit('src/commands/outputs.ts', '  readonly images: ImagesJson;\n', ''),
    [/^src\/commands\/outputs\.ts: add to Outputs what images prints/],
  ],
  [
    'a command without its rows',
    all(
      edit('README.md', /^\| `meshwright wave plan.*\n/m, ''),
      edit('docs/JSON.md', /^\| `meshwright wave plan.*\n/m, ''),
    ),
    [
      'README.md: add a row "`meshwright wave plan`" to the table of commands.',
      'docs/JSON.md: add a row "`meshwright wave plan`".',
    ],
  ],
  [
    'a command without its schema',
    without('docs/json/images.schema.json'),
    [/^docs\/json\/images\.schema\.json: write it with `npx vitest run --project unit test\/json -u`/],
  ],
  [
    'a command that no test runs',
    without('test/commands/images.test.ts'),
    [/^test\/commands\/images\.test\.ts: test what it does/, /^test\/commands\/subnets\.test\.ts: /],
  ],
  [
    'a command whose built form nobody runs',
    edit('test/e2e/json-output.test.ts', '  images: [', '  pictures: ['),
    [
      "test/e2e/json-output.test.ts: add command lines that print each of its results, as `images: [{ args: 'images …' }]`.",
    ],
  ],
  [
    'a new command that the changelog does not name',
    all(unlisted('command', 'wave-plan'), edit('CHANGELOG.md', /`wave plan/g, '`plan')),
    [/^CHANGELOG\.md: .* new command does, with its name in backticks: `wave plan`\.$/],
  ],
  [
    'a command that is gone',
    all(without('src/commands/images.ts'), edit('src/commands/index.ts', /^import images .*\n/m, '')),
    [
      'README.md: take out the row of meshwright images dev-eu-1, which is no command.',
      'docs/JSON.md: take out the row of meshwright images, which is no command.',
      'docs/json/images.schema.json: there is no such command.',
      'test/architecture/units/older.txt: take out images, which is no command.',
    ],
  ],
  [
    'a helper that is gone',
    without('src/commands/waves.ts'),
    [/^test\/architecture\/units names "waves" as a helper beside the commands, and there is none\.$/],
  ],

  [
    'an importer without its line in the index',
    edit('src/traffic/importers/index.ts', '[kiali, ', '['),
    ['src/traffic/importers/index.ts: add kiali to the list.'],
  ],
  [
    'an importer without a test',
    edit('test/traffic/importers.test.ts', "describe('the graph of Kiali'", "describe('a graph'"),
    [/^test\/traffic\/importers\.test\.ts: add a `describe` that names kiali, /],
  ],
  [
    'an importer without a sample',
    without('test/traffic/samples/kiali.'),
    [
      /^test\/traffic\/samples\/kiali\.json: add a file as the tool writes it /,
      /^test\/traffic\/samples\/kiali\.expected: write the calls of the sample with /,
    ],
  ],
  [
    'an importer that no page names',
    all(
      edit('docs/SIMULATE.md', /^\| Kiali .*\n/m, ''),
      edit('README.md', /^(\| `meshwright calls import.*)Kiali, /m, '$1'),
    ),
    [
      'docs/SIMULATE.md: add a row that names kiali and says how to get its file.',
      'README.md: name kiali in the row of calls import.',
    ],
  ],
  [
    'an importer that is gone',
    all(
      without('src/traffic/importers/kiali.ts'),
      edit('src/traffic/importers/index.ts', /^import kiali .*\n/m, ''),
    ),
    [
      'docs/SIMULATE.md: take out the row of Kiali, which nothing imports.',
      'test/traffic/samples/kiali.expected: there is no such importer.',
      'test/traffic/samples/kiali.json: there is no such importer.',
      'test/architecture/units/older.txt: take out kiali, which is no importer.',
    ],
  ],

  [
    'a generator without its line in the index',
    edit('generators/namespace/index.ts', '  istioSidecar,\n', ''),
    ['generators/namespace/index.ts: add istioSidecar to the list.'],
  ],
  [
    'a generator that nothing shows',
    without(
      'test/golden/cluster-',
      'test/golden/bookinfo',
      'test/golden/online',
      'test/golden/payments@lab-j',
    ),
    [
      ...['central-namespaces', 'gateway-certificate', 'istio-base', 'istio-charts', 'istio-ingressgateway'],
      ...['istiod', 'mesh-destination-rules', 'mesh-ingress', 'mesh-kustomizations', 'mesh-namespaces'],
      ...[
        'mesh-variables',
        'peer-authentication',
        'shared-gateway-of-namespaces',
        'shared-gateway',
        'telemetry',
      ],
    ].map((name) => new RegExp(`^test/golden: .*, or test it in test/generators/${name}\\.test\\.ts, `)),
  ],
  [
    'an edit that nothing shows',
    edit('test/bundle/cluster.test.ts', "it('application-order: ", "it('"),
    [/^test\/generators\/application-order\.test\.ts: show what it edits and what it leaves alone, /],
  ],
  [
    'a generator whose template is not there',
    edit(
      'generators/namespace/istio-sidecar.ts',
      "'namespace/istio-sidecar.yaml.hbs'",
      "'namespace/sidecar.yaml.hbs'",
    ),
    [
      'templates/namespace/sidecar.yaml.hbs: add the template that generators/namespace/istio-sidecar.ts names; its values go through `{{yaml …}}`.',
      'templates/namespace/istio-sidecar.yaml.hbs: no generator renders it.',
    ],
  ],
  [
    'a template without its row',
    edit('docs/TEMPLATES.md', /^\| `namespace\/istio-peerauthentication.*\n/m, ''),
    [
      'docs/TEMPLATES.md: add a row "`namespace/istio-peerauthentication.yaml.hbs`" with its values: `namespace`.',
    ],
  ],
  [
    'a template that reads a value of which its row is silent',
    edit('docs/TEMPLATES.md', '`rootHosts`, ', ''),
    ['docs/TEMPLATES.md: add `rootHosts` to the row of namespace/istio-sidecar.yaml.hbs.'],
  ],
  [
    'a row of a template that is gone',
    edit('docs/TEMPLATES.md', '`namespace/virtual-service', '`namespace/route'),
    [
      /^docs\/TEMPLATES\.md: add a row "`namespace\/virtual-service\.yaml\.hbs`"/,
      'docs/TEMPLATES.md: take out the row of namespace/route.yaml.hbs, which is no template.',
    ],
  ],

  [
    'a template that changed under a closed version',
    all(changeSidecar, keepSidecar('1.0.0')),
    [
      'templates/namespace/istio-sidecar.yaml.hbs is not the text of version 1.1.0, which is closed: add a heading `## 1.2.0 (unreleased)` with what changes to templates/CHANGELOG.md, and keep the text of 1.1.0 as templates/versions/1.1.0/namespace/istio-sidecar.yaml.hbs.',
    ],
  ],
  [
    'a new version that does not keep the text of those before',
    all(changeSidecar, inVersion('1.2.0 (unreleased)')),
    [
      'templates/versions/1.0.0/namespace/istio-sidecar.yaml.hbs: keep the text that version 1.0.0 had.',
      'templates/versions/1.1.0/namespace/istio-sidecar.yaml.hbs: keep the text that version 1.1.0 had.',
    ],
  ],
  [
    'a version that says nothing',
    edit(changelog, '## 1.1.0', '## 1.2.0 (unreleased)\n\n## 1.1.0'),
    ['templates/CHANGELOG.md: say below 1.2.0 what it changes, as a list.'],
  ],
  [
    'a new template under a closed version',
    all(
      add('templates/namespace/quota.yaml.hbs', 'kind: Quota\n'),
      edit(
        'docs/TEMPLATES.md',
        '| `namespace/namespace',
        '| `namespace/quota.yaml.hbs` | none |\n| `namespace/namespace',
      ),
      edit('generators/namespace/index.ts', '', "// 'namespace/quota.yaml.hbs'\n"),
    ),
    [
      'templates/namespace/quota.yaml.hbs is new, and version 1.1.0 is closed: add a heading `## 1.2.0 (unreleased)` with what it brings to templates/CHANGELOG.md.',
    ],
  ],
  [
    'a version that is closed without its digests',
    all(changeSidecar, inVersion('1.2.0 (2026-12-01)'), keepSidecar('1.0.0'), keepSidecar('1.1.0')),
    [
      `${digests}: close version 1.2.0 by adding {"1.2.0":{"namespace/istio-sidecar.yaml.hbs":"${digestOf(`${project.get(sidecar) ?? ''}# more\n`)}"}}.`,
    ],
  ],
  [
    'digests of a version that is not closed',
    edit(digests, /\n\}\s*$/, ',\n  "1.2.0": {}\n}\n'),
    [`${digests}: 1.2.0 is no version that templates/CHANGELOG.md closes with a date.`],
  ],
  [
    'a text kept for a template that no version had',
    add('templates/versions/1.0.0/namespace/route.yaml.hbs', ''),
    ['templates/versions/1.0.0/namespace/route.yaml.hbs: no version has such a template.'],
  ],
];

describe('is told:', () => {
  it.each(cases)('%s', (_, change, said) => {
    const missing = missingParts(change(project));

    expect(missing).toHaveLength(said.length);
    said.forEach((each, index) => {
      if (typeof each === 'string') expect(missing[index]).toBe(each);
      else expect(missing[index]).toMatch(each);
    });
  });

  it('nothing of a new version that is open, or closed with its digests', () => {
    const open = all(
      changeSidecar,
      inVersion('1.2.0 (unreleased)'),
      keepSidecar('1.0.0'),
      keepSidecar('1.1.0'),
    );
    const digest = digestOf(`${project.get(sidecar) ?? ''}# more\n`);
    const closed = all(
      open,
      edit(changelog, '(unreleased)', '(2026-12-01)'),
      edit(digests, /\n\}\s*$/, `,\n  "1.2.0": {"namespace/istio-sidecar.yaml.hbs": "${digest}"}\n}\n`),
    );

    expect(missingParts(open(project))).toEqual([]);
    expect(missingParts(closed(project))).toEqual([]);
  });
});
