import { camel, listedInVain, nameOf, pathsIn, rowsIn, type Project, type UnitKind } from './unit.ts';

const index = 'src/lint/rules/index.ts';
const table = 'docs/rules/README.md';
const codes = 'docs/LINT.md';
const renew = 'npx vitest run --project unit test/lint/pages.test.ts -u';

/** Rules of `lint`. */
export const rules: UnitKind = {
  name: 'rule',
  files: /^src\/lint\/rules\/.*\.ts$/,
  definedBy: ['rule'],
  key: 'id',
  helpers: [],
  missing({ name, path }, project) {
    const line = `export { default as ${camel(name)} } from './${path.replace('src/lint/rules/', '')}';`;
    const examples = examplesIn(project).get(name) ?? [];
    const has = (kind: 'bad' | 'good', pattern = /(?:)/) =>
      examples.some(
        ({ file, text }) => new RegExp(`^${kind}(?:-\\d+)?(?:\\.yaml$|/)`).test(file) && pattern.test(text),
      );
    return [
      ...((project.get(index) ?? '').split('\n').includes(line) ? [] : [`${index}: add \`${line}\`.`]),
      ...(has('bad', new RegExp(`# expect: (?:.* )?${name}(?![-\\w])`))
        ? []
        : [
            `test/lint/rules/${name}/bad.yaml: add a manifest with what the rule finds, and \`# expect: ${name}\` on that line.`,
          ]),
      ...(has('good') ? [] : [`test/lint/rules/${name}/good.yaml: add the same manifest without the fault.`]),
      ...(project.has(`docs/rules/${name}.md`)
        ? []
        : [`docs/rules/${name}.md: write the page with \`${renew}\`, and read it.`]),
      ...((project.get(codes) ?? '').includes(`[${name}](rules/${name}.md)`)
        ? []
        : [
            `${codes}: link it as [${name}](rules/${name}.md), in the rows of its codes, or under "Beyond both" if it has none, and update the count.`,
          ]),
      ...(rowsIn(project, table, rowOf).some((row) => row.name === name)
        ? []
        : [`${table}: write the row of ${name} with \`${renew}\`.`]),
    ];
  },
  stale(units, project) {
    const isGone = (name: string) => !units.some((unit) => unit.name === name);
    const pages = pathsIn(project, /^docs\/rules\/.*\.md$/).map((path) => nameOf(path).replace(/\.md$/, ''));
    return [
      ...listedInVain(index, units, project),
      ...[...examplesIn(project).keys()]
        .filter(isGone)
        .map((name) => `test/lint/rules/${name}: remove it; there is no such rule.`),
      ...pages
        .filter((name) => name !== 'README' && isGone(name))
        .map((name) => `docs/rules/${name}.md: remove it; there is no such rule.`),
      ...[...(project.get(codes) ?? '').matchAll(/\(rules\/([a-z-]+)\.md\)/g)].flatMap(([, name = '']) =>
        isGone(name) ? [`${codes}: remove ${name}; there is no such rule.`] : [],
      ),
      ...rowsIn(project, table, rowOf)
        .filter(({ name }) => isGone(name))
        .map(({ name }) => `${table}: remove the row of ${name}; there is no such rule.`),
    ];
  },
};

const rowOf = /^\[([^\]]*)\]\(/;

interface Example {
  /** Below the folder of its rule. */
  readonly file: string;
  readonly text: string;
}

const known = new WeakMap<Project, ReadonlyMap<string, readonly Example[]>>();

/** The examples of each rule, by its folder's name. */
function examplesIn(project: Project): ReadonlyMap<string, readonly Example[]> {
  const found = known.get(project);
  if (found !== undefined) return found;
  const examples = new Map<string, Example[]>();
  for (const path of pathsIn(project, /^test\/lint\/rules\//)) {
    const [, , , rule = '', ...rest] = path.split('/');
    const example = { file: rest.join('/'), text: project.get(path) ?? '' };
    examples.set(rule, [...(examples.get(rule) ?? []), example]);
  }
  known.set(project, examples);
  return examples;
}
