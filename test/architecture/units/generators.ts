import { listedInVain, notListed, textsIn, type Project, type Unit, type UnitKind } from './unit.ts';

/** Generators of one kind of target, with the template of each. */
function generatorsOf(target: 'namespace' | 'cluster', definedBy: string): UnitKind {
  const index = `generators/${target}/index.ts`;
  return {
    name: `generator of a ${target}`,
    files: new RegExp(`^generators/${target}/.*\\.ts$`),
    definedBy: [definedBy],
    key: 'id',
    helpers: target === 'cluster' ? ['shared'] : [],
    missing(unit, project) {
      const template = templateOf(unit);
      return [
        ...notListed(unit, index, project),
        ...(template === undefined || project.has(`templates/${template}`)
          ? []
          : [
              `templates/${template}: add the template that ${unit.path} names; its values go through \`{{yaml …}}\`.`,
            ]),
        ...(template === undefined || template.startsWith(`${target}/`)
          ? []
          : [`${unit.path}: use a template in templates/${target}.`]),
        ...notShown(unit, project),
      ];
    },
    stale: (units, project) => listedInVain(index, units, project),
  };
}

export const generators: readonly UnitKind[] = [
  generatorsOf('namespace', 'generator'),
  generatorsOf('cluster', 'clusterGenerator'),
];

function templateOf({ text }: Unit): string | undefined {
  return /\btemplate: '([^']*)'/.exec(text)?.[1];
}

/** A golden file must show what it writes, or a test must be named after it. */
function notShown(unit: Unit, project: Project): readonly string[] {
  const template = project.get(`templates/${templateOf(unit) ?? ''}`) ?? '';
  const file =
    /^\{\{!-- file: (\S+) --\}\}/.exec(template)?.[1] ??
    /(?:\bfile: |^const file = )'([^']*)'/m.exec(unit.text)?.[1];
  const isGolden =
    file !== undefined &&
    textsIn(project, /^test\/golden\//).some((text) =>
      new RegExp(`^#### (?:.*/)?${file.replaceAll('.', '\\.')}$`, 'm').test(text),
    );
  const isTested = textsIn(project, /^test\/(?:generators|bundle)\/.*\.test\.ts$/).some((text) =>
    new RegExp(`^\\s*(?:describe|it)\\(\\s*'${unit.name}[':]`, 'm').test(text),
  );
  if (isGolden || isTested) return [];
  return [
    file === undefined
      ? `test/generators/${unit.name}.test.ts: test what it edits and what it leaves alone, in \`describe('${unit.name}', …)\`.`
      : `test/golden: make a target of examples/fleet.yaml need ${file} (\`npx vitest run --project unit test/bundle/golden.test.ts -u\`), or test it in test/generators/${unit.name}.test.ts, in \`describe('${unit.name}', …)\`.`,
  ];
}
