import type { Project } from './units/unit.ts';

/** Types of the code that have their name in common: one of each pair is for others to import, so that a reader who meets the
 *  name must ask which of them is meant. */
export function sharedTypeNames(project: Project): readonly string[] {
  const homes = new Map<string, { readonly path: string; readonly isExported: boolean }[]>();
  for (const [path, text] of project) {
    if (!/^(?:src|generators)\/.*\.ts$/.test(path)) continue;
    const declared = text.matchAll(
      /^(export )?(?:default )?(?:declare )?(?:abstract )?(?:interface|type|class|enum) ([A-Z]\w*)/gm,
    );
    for (const [, exported, name = ''] of declared)
      homes.set(name, [...(homes.get(name) ?? []), { path, isExported: exported !== undefined }]);
  }
  return [...homes].flatMap(([name, all]) => {
    if (all.length < 2 || !all.some(({ isExported }) => isExported)) return [];
    const paths = all.map(({ path }) => path).sort();
    return [`${name} is declared in ${paths.join(' and ')}: give all but one a name of their own.`];
  });
}
