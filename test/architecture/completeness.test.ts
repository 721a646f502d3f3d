import { describe, expect, it } from 'vitest';
import { add, all, edit, without, type Change } from './changes.ts';
import { readProject } from './project.ts';
import { missingParts } from './units/missing-parts.ts';

const project = readProject();
/** What is missing today: reported once, by the first test. */
const already = new Set(missingParts(project));

it('everything that a generator, rule, command or importer needs is there', () => {
  expect([...already].join('\n')).toBe('');
});

const unlisted = (kind: string, name: string) =>
  edit('test/architecture/units/older.txt', new RegExp(`^(${kind}:.*?) ${name}(?= |$)`, 'm'), '$1');

const rule = 'tls-without-mode';
/** One part taken away, or one thing left over, and everything that is reported then. */
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
    [
      `test/lint/rules/${rule}/bad.yaml: add a manifest with what the rule finds, and \`# expect: ${rule}\` on that line.`,
    ],
  ],
  [
    'a rule whose example does not say what it finds',
    edit(`test/lint/rules/${rule}/bad.yaml`, / *# expect: .*/g, ''),
    [/^test\/lint\/rules\/tls-without-mode\/bad\.yaml: add /],
  ],
  [
    'a rule without what it leaves alone',
    without(`test/lint/rules/${rule}/good`),
    [`test/lint/rules/${rule}/good.yaml: add the same manifest without the fault.`],
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
    'a rule that the page of codes does not name',
    edit('docs/LINT.md', new RegExp(`\\[${rule}\\]\\(rules/${rule}\\.md\\)`, 'g'), 'one'),
    [/^docs\/LINT\.md: link it as \[tls-without-mode\]/],
  ],
  [
    'a rule called otherwise than its file',
    edit(`src/lint/rules/destination-rule/${rule}.ts`, `id: '${rule}'`, "id: 'tls-no-mode'"),
    [
      `src/lint/rules/destination-rule/${rule}.ts: set \`id\` to the name of the file, ${rule}; it is tls-no-mode.`,
    ],
  ],
  [
    'a new rule that the changelog does not name',
    unlisted('rule', rule),
    [`CHANGELOG.md: describe the new rule under Unreleased, with its name in backticks: \`${rule}\`.`],
  ],
  [
    'a rule that is gone',
    without(`src/lint/rules/destination-rule/${rule}.ts`),
    [
      `src/lint/rules/index.ts: remove the line of destination-rule/${rule}; there is no such file.`,
      `test/lint/rules/${rule}: remove it; there is no such rule.`,
      `docs/rules/${rule}.md: remove it; there is no such rule.`,
      `docs/LINT.md: remove ${rule}; there is no such rule.`,
      `docs/rules/README.md: remove the row of ${rule}; there is no such rule.`,
      `test/architecture/units/older.txt: remove ${rule}; there is no such rule.`,
    ],
  ],
  [
    'a file among the rules that is none',
    add('src/lint/rules/gateway/ports.ts', 'export const ports = [80];\n'),
    [
      /^src\/lint\/rules\/gateway\/ports\.ts does not define a rule: export one with `export default rule\(\{…\}\)`, /,
    ],
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
    [/^src\/commands\/outputs\.ts: declare in Outputs what images prints/],
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
    [/^CHANGELOG\.md: describe the new command under Unreleased, with its name in backticks: `wave plan`\.$/],
  ],
  [
    'a command that is gone',
    all(without('src/commands/images.ts'), edit('src/commands/index.ts', /^import images .*\n/m, '')),
    [
      'README.md: remove the row of meshwright images dev-eu-1; there is no such command.',
      'docs/JSON.md: remove the row of meshwright images; there is no such command.',
      'docs/json/images.schema.json: remove it; there is no such command.',
      'test/architecture/units/older.txt: remove images; there is no such command.',
    ],
  ],
  [
    'a helper that is gone',
    without('src/commands/waves.ts'),
    ['test/architecture/units: remove "waves" from the helpers of commands; there is no such file.'],
  ],

  [
    'an importer without its line in the index',
    edit('src/traffic/importers/index.ts', 'kiali, ', ''),
    ['src/traffic/importers/index.ts: add kiali to the list.'],
  ],
  [
    'an importer that no evidence names',
    edit('src/model/traffic.ts', "'kiali', ", ''),
    [/^src\/model\/traffic\.ts: add 'kiali' to the observers, /],
  ],
  [
    'an importer without a test',
    edit('test/traffic/importers.test.ts', "describe('the graph of Kiali'", "describe('a graph'"),
    [/^test\/traffic\/importers\.test\.ts: add a `describe` that names kiali, /],
  ],
  [
    'an importer that no help text names',
    all(
      edit('src/commands/simulate.ts', 'Prometheus, Kiali, Hubble', 'Prometheus, Hubble'),
      edit('src/commands/calls-import.ts', 'Prometheus, Kiali, Hubble', 'Prometheus, Hubble'),
    ),
    [
      'src/commands/calls-import.ts: name kiali in the help, beside the other tools.',
      'src/commands/simulate.ts: name kiali in the help, beside the other tools.',
    ],
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
      'docs/SIMULATE.md: add a row that names kiali and shows how to get its file.',
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
      'docs/SIMULATE.md: remove the row of Kiali; no importer reads it.',
      'test/traffic/samples/kiali.expected: remove it; there is no such importer.',
      'test/traffic/samples/kiali.json: remove it; there is no such importer.',
      'test/architecture/units/older.txt: remove kiali; there is no such importer.',
    ],
  ],

  [
    'a generator without its line in the index',
    edit('generators/namespace/index.ts', '  istioSidecar,\n', ''),
    ['generators/namespace/index.ts: add istioSidecar to the list.'],
  ],
  [
    'a generator that nothing shows',
    (before) =>
      new Map(
        [...before].map(([path, text]) => [
          path,
          path.startsWith('test/golden/') ? text.replace(/^#### .*\/telemetry\.yaml$/m, '') : text,
        ]),
      ),
    [/^test\/golden: .* need telemetry\.yaml .* test it in test\/generators\/telemetry\.test\.ts, /],
  ],
  [
    'an edit that nothing shows',
    edit('test/bundle/cluster.test.ts', "it('application-order: ", "it('"),
    [/^test\/generators\/application-order\.test\.ts: test what it edits and what it leaves alone, /],
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
      'docs/TEMPLATES.md: add a row "`namespace/sidecar.yaml.hbs`" with its values.',
      'templates/namespace/istio-sidecar.yaml.hbs: remove it, or render it; no generator does.',
    ],
  ],
  [
    'a template without its row',
    edit('docs/TEMPLATES.md', /^\| `namespace\/istio-peerauthentication.*\n/m, ''),
    [
      'docs/TEMPLATES.md: add a row "`namespace/istio-peerauthentication.yaml.hbs`" with its values: `isWhole`, `namespace`, `workloads`, `isFurther`, `name`, `selector`, `key`, `value`, `ports`.',
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
      'docs/TEMPLATES.md: remove the row of namespace/route.yaml.hbs; there is no such template.',
    ],
  ],
];

describe('reports', () => {
  it.each(cases)('%s', (_, change, said) => {
    const missing = missingParts(change(project)).filter(
      // Which version of the templates is open today is for template-versions.test.ts.
      (each) => !already.has(each) && !each.startsWith('templates/namespace/sidecar.yaml.hbs is new'),
    );

    expect(missing).toHaveLength(said.length);
    said.forEach((each, index) => {
      if (typeof each === 'string') expect(missing[index]).toBe(each);
      else expect(missing[index]).toMatch(each);
    });
  });
});
