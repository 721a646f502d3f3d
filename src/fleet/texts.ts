import type { FoundPaths } from './found-paths.ts';

/** A file of a fleet: its name in problems, and what it holds. */
export interface FleetText {
  readonly file: string;
  readonly text: string;
}

/** What a fleet is written in: the fleet file, and the files that its `include` names, in their order. */
export interface FleetTexts extends FleetText {
  readonly included: readonly FleetText[];
  /** What the clusters build namespaces from whose path the fleet does not say; undefined: each must say it. */
  readonly paths?: FoundPaths;
}

/** A fleet in one file. */
export function oneFile(text: string, file: string): FleetTexts {
  return { file, text, included: [] };
}

/** Every file of a fleet, its own first. */
function filesOf(texts: FleetTexts): readonly FleetText[] {
  return [texts, ...texts.included];
}

/** A file of a fleet by its path from the folder of the fleet file. */
function nameWithin({ file: main }: FleetTexts, file: string): string {
  const folder = main.slice(0, main.lastIndexOf('/') + 1);
  return file.startsWith(folder) ? file.slice(folder.length) : file;
}

/** The files that differ between two states of a fleet, as they are in the second. */
export function changedFiles(
  before: FleetTexts,
  after: FleetTexts,
): readonly (FleetText & { readonly before: string; readonly name: string })[] {
  const known = new Map(filesOf(before).map(({ file, text }) => [file, text]));
  return filesOf(after).flatMap((each) => {
    const was = known.get(each.file);
    return was === undefined || was === each.text
      ? []
      : [{ ...each, before: was, name: nameWithin(before, each.file) }];
  });
}
