import type { LintProblem, Repair } from '../model/lint.ts';
import type { Problem } from '../model/problem.ts';
import { editYaml } from '../yaml/edit.ts';

/** The texts after the repairs that findings offer; what can't be edited safely stays unchanged, with the reason.
 *  Of two repairs at the same location, the next run makes the second, on the result of the first. */
export function repair(
  problems: readonly LintProblem[],
  texts: ReadonlyMap<string, string>,
): {
  readonly texts: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
  readonly count: number;
} {
  const changed = new Map<string, string>();
  const found: Problem[] = [];
  const done: Repair[] = [];
  for (const { repair: wanted } of problems) {
    if (wanted === undefined || done.some((other) => meets(wanted, other))) continue;
    const text = changed.get(wanted.file) ?? texts.get(wanted.file);
    if (text === undefined) continue;
    const edited = editYaml(text, wanted.file, wanted.document, wanted.edits);
    if (edited.ok) changed.set(wanted.file, edited.value);
    else found.push(...edited.problems.map((problem) => ({ ...problem, severity: 'info' as const })));
    done.push(wanted);
  }
  const different = [...changed].filter(([file, text]) => texts.get(file) !== text);
  return { texts: new Map(different), problems: found, count: done.length };
}

/** Whether two repairs touch the same entry, or the same list: then indexes may have changed. */
function meets(one: Repair, other: Repair): boolean {
  if (one.file !== other.file || one.document !== other.document) return false;
  return one.edits.some(({ path }) =>
    other.edits.some((edit) => {
      const length = Math.min(path.length, edit.path.length);
      const shared = path.findIndex((step, index) => index >= length || step !== edit.path[index]);
      const at = shared < 0 ? length : shared;
      return at >= length || typeof path[at] === 'number';
    }),
  );
}
