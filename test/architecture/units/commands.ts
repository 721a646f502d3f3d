import { listedInVain, notListed, pathsIn, rowsIn, textsIn, type Project, type UnitKind } from './unit.ts';

const index = 'src/commands/index.ts';
const runs = 'test/e2e/json-output.test.ts';
const outputs = 'src/commands/outputs.ts';

/** Commands of the command line. */
export const commands: UnitKind = {
  name: 'command',
  files: /^src\/commands\/[^/]*\.ts$/,
  definedBy: ['command'],
  key: 'id',
  helpers: [
    'checks',
    'clusters',
    'command',
    'edit-fleet',
    'fleet-texts',
    'load',
    'opening',
    'outputs',
    'waves',
  ],
  missing(unit, project) {
    const { name, id } = unit;
    const key = /\W/.test(id) ? `'${id}'` : id;
    const isTested = textsIn(project, /^test\/commands\/.*\.test\.ts$/).some((text) =>
      new RegExp(`\\.run\\(\\s*'${id}'`).test(text),
    );
    const has = (page: string) => rowsIn(project, page, rowOf).some((row) => isRowOf(row.name, id));
    return [
      ...notListed(unit, index, project),
      ...(new RegExp(`^  readonly ${key}: `, 'm').test(bodyOfOutputs(project))
        ? []
        : [`${outputs}: declare in Outputs what ${id} prints with --json, as \`readonly ${key}: …\`.`]),
      ...(has('README.md') ? [] : [`README.md: add a row "\`meshwright ${id}\`" to the table of commands.`]),
      ...(has('docs/JSON.md') ? [] : [`docs/JSON.md: add a row "\`meshwright ${id}\`".`]),
      ...(project.has(`docs/json/${name}.schema.json`)
        ? []
        : [
            `docs/json/${name}.schema.json: write it with \`npx vitest run --project unit test/json -u\`, and read it.`,
          ]),
      ...(isTested
        ? []
        : [
            `test/commands/${name}.test.ts: test what it does, on the disk and forge of test/commands/world.ts (\`new World(…).run('${id}', …)\`).`,
          ]),
      ...(new RegExp(`^  ${key}: \\[`, 'm').test(project.get(runs) ?? '')
        ? []
        : [
            `${runs}: add command lines that print each of its results, as \`${key}: [{ args: '${id} …' }]\`.`,
          ]),
    ];
  },
  stale(units, project) {
    const isGone = (row: string) => !units.some(({ id }) => isRowOf(row, id));
    return [
      ...listedInVain(index, units, project),
      ...['README.md', 'docs/JSON.md'].flatMap((page) =>
        rowsIn(project, page, rowOf)
          .filter(({ name }) => isGone(name))
          .map(({ name }) => `${page}: remove the row of meshwright ${name}; there is no such command.`),
      ),
      ...pathsIn(project, /^docs\/json\//)
        .filter((path) => !units.some(({ name }) => path === `docs/json/${name}.schema.json`))
        .map((path) => `${path}: remove it; there is no such command.`),
    ];
  },
};

/** What is between the braces of Outputs. */
function bodyOfOutputs(project: Project): string {
  return /^export interface Outputs \{\n([^]*?)^\}/m.exec(project.get(outputs) ?? '')?.[1] ?? '';
}

/** A row of a table of commands; the arguments belong to it. */
const rowOf = /^`meshwright ([a-z][^`]*)`/;

/** Whether a row is a command's: its id, then arguments at most. */
function isRowOf(row: string, id: string): boolean {
  return row === id || row.startsWith(`${id} `);
}
