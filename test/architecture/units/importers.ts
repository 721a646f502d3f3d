import { listedInVain, notListed, pathsIn, rowsIn, type UnitKind } from './unit.ts';

const index = 'src/traffic/importers/index.ts';
const model = 'src/model/traffic.ts';
const page = 'docs/SIMULATE.md';
const test = 'test/traffic/importers.test.ts';

/** Importers of observed calls. */
export const importers: UnitKind = {
  name: 'importer',
  files: /^src\/traffic\/importers\/.*\.ts$/,
  definedBy: ['importer'],
  key: 'source',
  helpers: ['prometheus-vector'],
  missing(unit, project) {
    const { name } = unit;
    const word = new RegExp(name.replaceAll('-', '[- ]'), 'i');
    const [calls] = rowsIn(project, 'README.md', /^`(meshwright calls import\b[^`]*)`/);
    const said = [...(project.get(test) ?? '').matchAll(/^describe\(\s*(['"])(.*?)\1,/gm)];
    return [
      ...notListed(unit, index, project),
      ...(new RegExp(`^export const observers = .*'${name}'`, 'm').test(project.get(model) ?? '')
        ? []
        : [
            `${model}: add '${name}' to the observers, and renew the schemas with \`npx vitest run --project unit test/json -u\`.`,
          ]),
      ...(toolsIn(project).some((tool) => word.test(tool))
        ? []
        : [`${page}: add a row that names ${name} and shows how to get its file.`]),
      ...(word.test(calls?.cells[1] ?? '') ? [] : [`README.md: name ${name} in the row of calls import.`]),
      ...helpOf(project)
        .filter(({ text }) => !word.test(text))
        .map(({ path }) => `${path}: name ${name} in the help, beside the other tools.`),
      ...(said.some(([, , title = '']) => word.test(title))
        ? []
        : [`${test}: add a \`describe\` that names ${name}, for what it reads, skips and rejects.`]),
      ...(pathsIn(project, new RegExp(`^test/traffic/samples/${name}\\.jsonl?$`)).length > 0
        ? []
        : [
            `test/traffic/samples/${name}.json: add a file as the tool writes it (.jsonl: one JSON a line), without real names.`,
          ]),
      ...(project.has(`test/traffic/samples/${name}.expected`)
        ? []
        : [
            `test/traffic/samples/${name}.expected: write the calls of the sample with \`npx vitest run --project unit ${test} -u\`, and read them.`,
          ]),
    ];
  },
  stale(units, project) {
    const isKnown = (text: string) =>
      units.some(({ name }) => new RegExp(name.replaceAll('-', '[- ]'), 'i').test(text));
    return [
      ...listedInVain(index, units, project),
      ...toolsIn(project)
        .filter((tool) => !isKnown(tool))
        .map((tool) => `${page}: remove the row of ${tool}; no importer reads it.`),
      ...pathsIn(project, /^test\/traffic\/samples\//)
        .filter((path) => !units.some(({ name }) => path.startsWith(`test/traffic/samples/${name}.`)))
        .map((path) => `${path}: remove it; there is no such importer.`),
    ];
  },
};

/** Lines of commands that name the tools: several of those that importers read. */
function helpOf(
  project: ReadonlyMap<string, string>,
): readonly { readonly path: string; readonly text: string }[] {
  const names = pathsIn(project, importers.files).map((path) => path.replace(/^.*\/|\.ts$/g, ''));
  return pathsIn(project, /^src\/commands\/.*\.ts$/).flatMap((path) =>
    (project.get(path) ?? '')
      .split('\n')
      .filter((line) => names.filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(line)).length > 1)
      .map((text) => ({ path, text })),
  );
}

/** The first cells of the table of tools. */
function toolsIn(project: ReadonlyMap<string, string>): readonly string[] {
  const [, table = ''] = /^(\| tool +\| file .*\n(?:\|.*\n)*)/m.exec(project.get(page) ?? '') ?? [];
  return rowsIn(new Map([[page, table]]), page, /^([^`-].*)$/)
    .map(({ name }) => name)
    .filter((name) => name !== 'tool');
}
