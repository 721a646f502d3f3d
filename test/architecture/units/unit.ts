/** The project as text, by path from its root. */
export type Project = ReadonlyMap<string, string>;

/** One kind of unit: something of which there are many, each a file that other files must know. */
export interface UnitKind {
  /** In a sentence: `rule`. */
  readonly name: string;
  /** What its files match; the index and helpers match too. */
  readonly files: RegExp;
  /** How a unit begins: `rule` for `export default rule({`. */
  readonly definedBy: readonly string[];
  /** The member that holds its name. */
  readonly key: 'id' | 'source' | 'way';
  /** Files of the folder that are no unit, by name; the index is one without being named. */
  readonly helpers: readonly string[];
  /** Everything that one unit lacks, beside what every kind is asked for. */
  missing(unit: Unit, project: Project): readonly string[];
  /** Rows, pages and fixtures of units that are gone. */
  stale(units: readonly Unit[], project: Project): readonly string[];
}

export interface Unit {
  /** As its file is called: `wave-plan`. */
  readonly name: string;
  /** As people type it: `wave plan`. */
  readonly id: string;
  readonly path: string;
  readonly text: string;
}

/** `a rule`, `an importer`. */
function withArticle(name: string): string {
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}

export function nameOf(path: string): string {
  return path.replace(/^.*\//, '').replace(/\.ts$/, '');
}

/** `wavePlan` of `wave-plan`. */
export function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Paths that match, sorted. */
export function pathsIn(project: Project, pattern: RegExp): readonly string[] {
  return [...project.keys()].filter((path) => pattern.test(path)).sort();
}

/** Texts of the files that match. */
export function textsIn(project: Project, pattern: RegExp): readonly string[] {
  return pathsIn(project, pattern).map((path) => project.get(path) ?? '');
}

/** The cells of a Markdown table's rows whose first cell matches. */
export function rowsIn(
  project: Project,
  page: string,
  first: RegExp,
): readonly { readonly name: string; readonly cells: readonly string[] }[] {
  return (project.get(page) ?? '').split('\n').flatMap((line) => {
    if (!line.startsWith('|')) return [];
    const cells = line.split('|').map((cell) => cell.trim());
    const name = first.exec(cells[1] ?? '')?.[1];
    return name === undefined ? [] : [{ name, cells: cells.slice(1) }];
  });
}

/** The units of a kind, and what is wrong with files that should be one. */
export function unitsOf(
  kind: UnitKind,
  project: Project,
): { readonly units: readonly Unit[]; readonly sentences: readonly string[] } {
  const units: Unit[] = [];
  const sentences: string[] = [];
  const paths = pathsIn(project, kind.files);
  for (const path of paths) {
    const name = nameOf(path);
    const text = project.get(path) ?? '';
    const isUnit = kind.definedBy.some((word) => text.includes(`export default ${word}({`));
    if (name === 'index' || kind.helpers.includes(name)) {
      if (isUnit)
        sentences.push(
          `${path} defines ${withArticle(kind.name)}: remove it from the helpers in test/architecture/units.`,
        );
      continue;
    }
    if (!isUnit) {
      sentences.push(
        `${path} does not define ${withArticle(kind.name)}: export one with \`export default ${kind.definedBy.join('` or `')}({…})\`, move the file, or list it among the helpers in test/architecture/units.`,
      );
      continue;
    }
    const said = new RegExp(`^  ${kind.key}: '([^']*)'`, 'm').exec(text)?.[1];
    if (said?.replace(' ', '-') !== name)
      sentences.push(
        `${path}: set \`${kind.key}\` to the name of the file, ${name}; it is ${said ?? 'missing'}.`,
      );
    units.push({ name, id: said ?? name, path, text });
  }
  for (const helper of kind.helpers)
    if (!paths.some((path) => nameOf(path) === helper))
      sentences.push(
        `test/architecture/units: remove "${helper}" from the helpers of ${kind.name}s; there is no such file.`,
      );
  return { units, sentences };
}

/** What an index that imports its units and lists them in an array lacks. */
export function notListed(unit: Unit, index: string, project: Project): readonly string[] {
  const text = project.get(index) ?? '';
  const imported = new RegExp(`^import (\\w+) from '\\./${unit.name}\\.ts';$`, 'm').exec(text)?.[1];
  if (imported === undefined)
    return [
      `${index}: add \`import ${camel(unit.name)} from './${unit.name}.ts';\`, and ${camel(unit.name)} to the list.`,
    ];
  return new RegExp(`\\b${imported}\\b[^;]*\\];`).test(text.slice(text.indexOf('= [')))
    ? []
    : [`${index}: add ${imported} to the list.`];
}

/** Imports of an index whose file is gone. */
export function listedInVain(index: string, units: readonly Unit[], project: Project): readonly string[] {
  return [
    ...(project.get(index) ?? '').matchAll(/^(?:import|export) (?!type ).* from '\.\/([^']+)\.ts';$/gm),
  ].flatMap(([, name = '']) =>
    units.some(({ path }) => path === index.replace(/[^/]*$/, `${name}.ts`))
      ? []
      : [`${index}: remove the line of ${name}; there is no such file.`],
  );
}
