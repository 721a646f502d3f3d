import type { Fleet } from '../model/fleet.ts';
import { failure, hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import { readYaml } from '../yaml/read.ts';
import { CallIndex } from './calls.ts';
import { checkFleet } from './check.ts';
import { describeIssues } from './issues.ts';
import { resolveFleet } from './resolve.ts';
import { fleetSchema } from './schema.ts';
import { Source } from './source.ts';

/** Reads a fleet file: every default and placeholder filled in, or every error of the file at once, each with its place.
 *  @param file  name used in problems
 *  @returns problems `fleet-*` and `yaml-*`; warnings may come with a fleet */
export function loadFleet(text: string, file: string): Outcome<Fleet> {
  const stream = readYaml(text, file);
  if (!stream.ok) return stream;
  const [document, second] = stream.value.documents;
  if (document === undefined || document.value === null)
    return failure(
      atStart(file, 'fleet-empty', 'The fleet file is empty.', 'Write one with meshwright init.'),
    );
  if (second !== undefined)
    return failure({
      ...atStart(
        file,
        'fleet-several-documents',
        'A fleet file is one YAML document, and this one has several.',
        'Remove the "---" between them.',
      ),
      ...second.placeOf([]),
    });
  const parsed = fleetSchema.safeParse(document.value);
  if (!parsed.success) return failure(...describeIssues(parsed.error.issues, document, file, fleetSchema));
  const source = new Source(document, file);
  const calls = new CallIndex(parsed.data, source);
  const fleet = resolveFleet(parsed.data, calls, source);
  if (!hasErrors(source.problems)) checkFleet(parsed.data, fleet, calls, source);
  return hasErrors(source.problems) ? failure(...source.problems) : success(fleet, source.problems);
}

function atStart(file: string, rule: string, message: string, fix: string): Problem {
  return { rule, severity: 'error', message, fix, file, line: 1, column: 1 };
}
