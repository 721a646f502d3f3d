import { success, type Outcome } from '../model/problem.ts';
import type { Services } from './command.ts';
import type { Loaded } from './load.ts';

/** The rule that says: someone else wrote the file since it was read. */
export const changedMeanwhile = 'changed-meanwhile';

/** Whoever comes second each time has waited for someone who got on, so this many lose only to a crowd. */
const maxTries = 50;

/** Writes an edit into the fleet file. When someone else wrote the file since it was read, the same edit is made on what it
 *  is now, so that neither is lost.
 *  @param edit  of a fleet's text; its result must load
 *  @returns the text that the file has then; the problems of the edit, or of the write */
export async function editFleet(
  { fleetFile, fleetText }: Pick<Loaded, 'fleetFile' | 'fleetText'>,
  edit: (text: string) => Outcome<string>,
  services: Services,
): Promise<Outcome<string>> {
  let before = fleetText;
  for (let tries = 1; ; tries++) {
    const edited = edit(before);
    if (!edited.ok || edited.value === before) return edited;
    const written = await services.files.writeText(fleetFile, edited.value, { before });
    if (written.ok) return success(edited.value, written.problems);
    const isChanged = written.problems.some(({ rule }) => rule === changedMeanwhile);
    if (!isChanged || tries === maxTries) return written;
    const now = await services.files.readText(fleetFile);
    if (!now.ok) return now;
    before = now.value;
  }
}
