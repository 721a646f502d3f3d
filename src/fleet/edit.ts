import type { YamlEdit } from '../model/edit.ts';
import { listAt, stringAt, type JsonValue } from '../model/json.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import { editYaml } from '../yaml/edit.ts';
import { readYaml } from '../yaml/read.ts';
import { loadFleet } from './load.ts';
import type { NamespaceEntry } from './schema.ts';

/** Adds a namespace to a fleet file, or brings the one of that name to what the entry says; comments and layout of all
 *  else stay. The result is a fleet that loads.
 *  @returns the new text; problems of `editYaml` and `loadFleet` */
export function addNamespace(text: string, file: string, entry: NamespaceEntry): Outcome<string> {
  const stream = readYaml(text, file);
  if (!stream.ok) return stream;
  const [document] = stream.value.documents;
  if (document === undefined)
    return failure({
      rule: 'fleet-empty',
      severity: 'error',
      message: 'The fleet file is empty.',
      fix: 'Write one with meshwright init.',
      file,
      line: 1,
      column: 1,
    });
  const index = listAt(document.value, 'namespaces').findIndex(
    (each) => stringAt(each, 'name') === entry.name,
  );
  const value = entry as unknown as Readonly<Record<string, JsonValue>>;
  const edits: readonly YamlEdit[] =
    index < 0
      ? [{ op: 'append', path: ['namespaces'], value }]
      : Object.entries(value).map(([key, member]) => ({
          op: 'set',
          path: ['namespaces', index, key],
          value: member,
        }));
  const edited = editYaml(text, file, 0, edits);
  if (!edited.ok) return edited;
  const loaded = loadFleet(edited.value, file);
  return loaded.ok ? success(edited.value, loaded.problems) : loaded;
}
