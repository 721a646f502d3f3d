import type { FleetTexts } from '../fleet/texts.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import type { Services } from './command.ts';
import { readFleetTexts } from './fleet-texts.ts';

/** The rule that says: someone else wrote the file since it was read. */
export const changedMeanwhile = 'changed-meanwhile';

/** Whoever comes second each time has waited for someone who got on, so this many lose only to a crowd. */
const maxTries = 50;

/** Writes an edit into the files of a fleet. When someone else wrote one of them since it was read, the same edit is made on
 *  what they are now, so that neither is lost.
 *  @param edit  of a fleet's texts; its result must load, and is its argument when nothing changes
 *  @returns the texts that the files have then; the problems of the edit, or of the write */
export async function editFleet(
  texts: FleetTexts,
  edit: (texts: FleetTexts) => Outcome<FleetTexts>,
  services: Services,
): Promise<Outcome<FleetTexts>> {
  let before = texts;
  for (let tries = 1; ; tries++) {
    const edited = edit(before);
    if (!edited.ok || edited.value === before) return edited;
    const written = await writeFleet(before, edited.value, services);
    if (written.ok) return success(edited.value, written.problems);
    const isChanged = written.problems.some(({ rule }) => rule === changedMeanwhile);
    if (!isChanged || tries === maxTries) return written;
    const now = await readFleetTexts(texts.file, services);
    if (!now.ok) return now;
    // What the clusters build is read once a run.
    before = texts.paths === undefined ? now.value : { ...now.value, paths: texts.paths };
  }
}

/** Writes the files that differ, each when it is still what it was.
 *  @returns problem `changed-meanwhile`; then the files before it are written, and the same edit finishes */
export async function writeFleet(
  before: FleetTexts,
  after: FleetTexts,
  { files }: Services,
): Promise<Outcome<void>> {
  const { changedFiles } = await import('../fleet/texts.ts');
  const problems: Problem[] = [];
  for (const { file, text, before: was } of changedFiles(before, after)) {
    const written = await files.writeText(file, text, { before: was });
    if (!written.ok) return written;
    problems.push(...written.problems);
  }
  return success(undefined, problems);
}
