import { listedInVain, notListed, rowsIn, textsIn, type UnitKind } from './unit.ts';

const page = 'docs/SIMULATE.md';
const model = 'src/model/traffic.ts';

function waysOf(name: string, folder: string, type: string): UnitKind {
  const index = `src/traffic/${folder}/index.ts`;
  const test = `test/traffic/${folder}.test.ts`;
  return {
    name,
    files: new RegExp(`^src/traffic/${folder}/.*\\.ts$`),
    definedBy: [`${name}Collector`],
    key: 'way',
    helpers: [],
    missing(unit, project) {
      const tests = textsIn(project, new RegExp(`^test/traffic/${folder}(?:-[a-z-]+)?\\.test\\.ts$`));
      const word = `'${unit.name}'`;
      const [, listed = ''] = new RegExp(`type ${type} =([^;]*);`).exec(project.get(model) ?? '') ?? [];
      return [
        ...notListed(unit, index, project),
        ...(listed.includes(word) ? [] : [`${model}: add ${word} to ${type}.`]),
        ...(rowsIn(project, page, new RegExp(`^\`(${unit.name})\`$`)).length > 0
          ? []
          : [`${page}: add a row \`${unit.name}\`: what opens the way, and who comes by it.`]),
        ...(tests.some((text) => text.includes(word))
          ? []
          : [`${test}: add cases with ${word}: what is found, and what is not.`]),
      ];
    },
    stale: (units, project) => listedInVain(index, units, project),
  };
}

/** Ways into the pods of a cluster, and out of it. */
export const ways: readonly UnitKind[] = [
  waysOf('entrance', 'entrances', 'EntranceKind'),
  waysOf('exit', 'exits', 'ExitKind'),
];
