import { expect, it } from 'vitest';
import { add, all, edit, without, type Change } from './changes.ts';
import { digestOf, digestTable, templateFaults } from './units/templates.ts';
import type { Project } from './units/unit.ts';

const changelog = 'templates/CHANGELOG.md';
const template = 'templates/namespace/route.yaml.hbs';
const [before, after] = ['kind: A\n', 'kind: B\n'];

/** One template, the same in two closed versions. */
const project: Project = new Map([
  [changelog, '# Changes\n\n## 1.1.0 (2026-11-24)\n\n- More.\n\n## 1.0.0 (2026-11-23)\n\n- The first.\n'],
  [template, before],
  [digestTable, `{"1.0.0": {"namespace/route.yaml.hbs": "${digestOf(before)}"}, "1.1.0": {}}`],
  ['docs/TEMPLATES.md', '| `namespace/route.yaml.hbs` | none |\n'],
  ['generators/namespace/route.ts', "template: 'namespace/route.yaml.hbs'"],
]);

const begin = (version: string, entry = '- Another.') =>
  edit(changelog, '## 1.1.0', `## ${version}\n\n${entry}\n\n## 1.1.0`);
const keep = (...versions: readonly string[]) =>
  all(...versions.map((version) => add(`templates/versions/${version}/namespace/route.yaml.hbs`, before)));
const change = add(template, after);
const digest = (version: string, what: string) => edit(digestTable, /\}$/, `, "${version}": ${what}}`);
const changed = `{"namespace/route.yaml.hbs": "${digestOf(after)}"}`;
const unkept = (version: string) =>
  `templates/versions/${version}/namespace/route.yaml.hbs: add the text of version ${version}.`;

it.each<[string, Change, readonly string[]]>([
  ['a template that is as it was', all(), []],
  [
    'a template that changed under a closed version',
    all(change, keep('1.0.0')),
    [
      `${template} changed, and version 1.1.0 is closed: add a heading \`## 1.2.0 (unreleased)\` with the change to ${changelog}, and keep the old text as templates/versions/1.1.0/namespace/route.yaml.hbs.`,
    ],
  ],
  [
    'a new version that does not keep the texts of those before',
    all(change, begin('1.2.0 (unreleased)')),
    [unkept('1.0.0'), unkept('1.1.0')],
  ],
  ['a new version that keeps them', all(change, begin('1.2.0 (unreleased)'), keep('1.0.0', '1.1.0')), []],
  [
    'a template that is gone, with its text',
    all(without(template, 'docs/', 'generators/'), begin('1.2.0 (unreleased)')),
    [unkept('1.0.0'), unkept('1.1.0')],
  ],
  [
    'a version that says nothing',
    begin('1.2.0 (unreleased)', ''),
    [`${changelog}: list under 1.2.0 what changed.`],
  ],
  [
    'a new template under a closed version',
    all(
      add('templates/namespace/quota.yaml.hbs', 'kind: Q\n'),
      edit('docs/TEMPLATES.md', /$/, '| `namespace/quota.yaml.hbs` | none |\n'),
      add('generators/namespace/quota.ts', "template: 'namespace/quota.yaml.hbs'"),
    ),
    [
      `templates/namespace/quota.yaml.hbs is new, and version 1.1.0 is closed: add a heading \`## 1.2.0 (unreleased)\` with the addition to ${changelog}.`,
    ],
  ],
  [
    'a new template of which the open version says nothing',
    all(
      add('templates/namespace/quota.yaml.hbs', 'kind: Q\n'),
      edit('docs/TEMPLATES.md', /$/, '| `namespace/quota.yaml.hbs` | none |\n'),
      add('generators/namespace/quota.ts', "template: 'namespace/quota.yaml.hbs'"),
      begin('1.2.0 (unreleased)', '- Comments are clearer; a quota.'),
    ),
    [`${changelog}: say under 1.2.0 what the new file \`quota.yaml\` is for.`],
  ],
  [
    'a new template that the open version names',
    all(
      add('templates/namespace/quota.yaml.hbs', 'kind: Q\n'),
      edit('docs/TEMPLATES.md', /$/, '| `namespace/quota.yaml.hbs` | none |\n'),
      add('generators/namespace/quota.ts', "template: 'namespace/quota.yaml.hbs'"),
      begin('1.2.0 (unreleased)', '- `quota.yaml` limits what a namespace may use.'),
    ),
    [],
  ],
  [
    'a version that is closed without its digests',
    all(change, begin('1.2.0 (2026-12-01)'), keep('1.0.0', '1.1.0')),
    [
      `${digestTable}: close version 1.2.0 by adding {"1.2.0":{"namespace/route.yaml.hbs":"${digestOf(after)}"}}.`,
    ],
  ],
  [
    'a version that is closed with them',
    all(change, begin('1.2.0 (2026-12-01)'), keep('1.0.0', '1.1.0'), digest('1.2.0', changed)),
    [],
  ],
  [
    'digests of a version that is open',
    all(begin('1.2.0 (unreleased)'), digest('1.2.0', '{}')),
    [`${digestTable}: remove 1.2.0; ${changelog} has no such version with a date.`],
  ],
  [
    'a text kept of a template that no version had',
    add('templates/versions/1.0.0/namespace/gone.yaml.hbs', ''),
    ['templates/versions/1.0.0/namespace/gone.yaml.hbs: remove it; no version has such a template.'],
  ],
  [
    'the text of a pull request, which is always today’s',
    all(
      add('templates/pull-request/body.md.hbs', 'New words.\n'),
      edit('docs/TEMPLATES.md', /$/, '| `pull-request/body.md.hbs` | none |\n'),
      add('src/bundle/draft.ts', "'pull-request/body.md.hbs'"),
    ),
    [],
  ],
])('what is reported for %s', (_, happened, said) => {
  expect(templateFaults(happened(project))).toEqual(said);
});
