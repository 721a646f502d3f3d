import { commands } from './commands.ts';
import { generators } from './generators.ts';
import { importers } from './importers.ts';
import { rules } from './rules.ts';
import { templateFaults } from './templates.ts';
import { ways } from './ways.ts';
import { unitsOf, type Project, type Unit, type UnitKind } from './unit.ts';

/** Every kind of unit. A new kind (a proof) is a file beside this one, and a line here. */
const kinds: readonly UnitKind[] = [...generators, rules, commands, importers, ...ways];

/** Units that are older than the rule that CHANGELOG.md names each: a line a kind, which only loses words. */
const olderUnits = 'test/architecture/units/older.txt';

/** Everything that a unit of the project lacks, and everything left over from one that is gone: sentences that say where
 *  and what to do. Empty: whole. */
export function missingParts(project: Project): readonly string[] {
  return [
    ...kinds.flatMap((kind) => {
      const { units, sentences } = unitsOf(kind, project);
      return [
        ...sentences,
        ...units.flatMap((unit) => kind.missing(unit, project)),
        ...kind.stale(units, project),
        ...notAnnounced(kind, units, project),
      ];
    }),
    ...templateFaults(project),
  ];
}

/** Units that CHANGELOG.md does not name in backticks, and are not older than this rule. */
function notAnnounced(kind: UnitKind, units: readonly Unit[], project: Project): readonly string[] {
  const line = (project.get(olderUnits) ?? '').split('\n').find((each) => each.startsWith(`${kind.name}:`));
  const older = (line ?? '')
    .slice(kind.name.length + 1)
    .split(' ')
    .filter((name) => name !== '');
  const named = [...(project.get('CHANGELOG.md') ?? '').matchAll(/`(?:meshwright )?([^`]*)`/g)].map(
    ([, text = '']) => text,
  );
  return [
    ...units
      .filter(({ name }) => !older.includes(name))
      .filter(({ id }) => !named.some((text) => text === id || text.startsWith(`${id} `)))
      .map(
        ({ id }) =>
          `CHANGELOG.md: describe the new ${kind.name} under Unreleased, with its name in backticks: \`${id}\`.`,
      ),
    ...older
      .filter((name) => !units.some((unit) => unit.name === name))
      .map((name) => `${olderUnits}: remove ${name}; there is no such ${kind.name}.`),
  ];
}
