import { isObject } from '../model/json.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import { reservedFor, type MeshPlaces } from '../model/reserved-namespaces.ts';
import { readYaml } from '../yaml/read.ts';
import { describeIssues } from './issues.ts';
import { answersSchema, type NamespaceEntry } from './schema.ts';

/** The answers of `meshwright new` as a file: the keys of a namespace, and what to do then. */
export function parseAnswers(
  text: string,
  file: string,
  namespace: string | undefined,
  mesh: MeshPlaces,
): Outcome<{ readonly entry: NamespaceEntry; readonly then: 'write' | 'open' | 'print' }> {
  const stream = readYaml(text, file);
  if (!stream.ok) return stream;
  const [document] = stream.value.documents;
  if (document === undefined || !isObject(document.value))
    return failure({
      rule: 'answers-empty',
      severity: 'error',
      message: 'The answers must be a map with the same keys as a namespace in fleet.yaml.',
      fix: 'Write at least name, repository, path and services.',
      file,
      line: 1,
      column: 1,
    });
  const value = namespace === undefined ? document.value : { name: namespace, ...document.value };
  const parsed = answersSchema.safeParse(value);
  if (!parsed.success) return failure(...describeIssues(parsed.error.issues, document, file, answersSchema));
  const { then, ...entry } = parsed.data;
  const holds = reservedFor(entry.name, mesh);
  if (holds !== undefined)
    return failure({
      rule: 'fleet-reserved-namespace',
      severity: 'error',
      message: `Namespace "${entry.name}" holds ${holds}. It is not an application that can move into the mesh.`,
      fix: 'Name the namespace of an application.',
      file,
      ...document.placeOf(['name']),
    });
  return success({ entry, then: then ?? 'print' });
}
