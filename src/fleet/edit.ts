import type { YamlEdit } from '../model/edit.ts';
import { listAt, stringAt, type JsonValue } from '../model/json.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import { editYaml } from '../yaml/edit.ts';
import { readYaml, type YamlDocument } from '../yaml/read.ts';
import { loadFleet } from './load.ts';
import { fleetSchema, type FleetFile, type NamespaceEntry } from './schema.ts';
import type { ClusterStage, Stage } from '../model/fleet.ts';
import { stageIn } from './resolve.ts';

/** Adds a namespace to a fleet file, or brings the one of that name to what the entry says; comments and layout of all
 *  else stay. The result is a fleet that loads.
 *  @returns the new text; problems of `editYaml` and `loadFleet` */
export function addNamespace(text: string, file: string, entry: NamespaceEntry): Outcome<string> {
  const document = documentOf(text, file);
  if (!document.ok) return document;
  const index = listAt(document.value.value, 'namespaces').findIndex(
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
  return edited(text, file, edits);
}

function documentOf(text: string, file: string): Outcome<YamlDocument> {
  const stream = readYaml(text, file);
  if (!stream.ok) return stream;
  const [document] = stream.value.documents;
  if (document !== undefined) return success(document);
  return failure({
    rule: 'fleet-empty',
    severity: 'error',
    message: 'The fleet file is empty.',
    fix: 'Write one with meshwright init.',
    file,
    line: 1,
    column: 1,
  });
}

/** The edited text, when it is a fleet that loads. */
function edited(text: string, file: string, edits: readonly YamlEdit[]): Outcome<string> {
  const result = editYaml(text, file, 0, edits);
  if (!result.ok) return result;
  const loaded = loadFleet(result.value, file);
  return loaded.ok ? success(result.value, loaded.problems) : loaded;
}

/** Declares how far a namespace is in one environment; the others stay as they are.
 *  @param text  a fleet that loads
 *  @returns the new text; problems of `editYaml` and `loadFleet` */
export function setStages(
  text: string,
  file: string,
  wanted: readonly { readonly namespace: string; readonly environment: string; readonly stage: Stage }[],
): Outcome<string> {
  const document = documentOf(text, file);
  if (!document.ok) return document;
  const fleet = fleetSchema.parse(document.value.value);
  const edits = wanted.flatMap(({ namespace, environment, stage }): readonly YamlEdit[] => {
    const index = fleet.namespaces.findIndex(({ name }) => name === namespace);
    const entry = fleet.namespaces[index];
    if (entry === undefined || stageIn(entry, environment, fleet) === stage) return [];
    const path = ['namespaces', index, 'stage'];
    if (typeof entry.stage === 'object') return [{ op: 'set', path: [...path, environment], value: stage }];
    return [{ op: 'set', path, value: { ...stagesOf(entry, fleet), [environment]: stage } }];
  });
  return edited(text, file, edits);
}

/** The stages of a namespace as a map, without those that are the default. */
function stagesOf(entry: NamespaceEntry, fleet: FleetFile): Readonly<Record<string, Stage>> {
  const pairs = fleet.environments.map(
    ({ name }) => [name, stageIn(entry, name, fleet) ?? 'outside'] as const,
  );
  return Object.fromEntries(pairs.filter(([, stage]) => stage !== 'outside'));
}

/** Declares whether a cluster refuses plaintext.
 *  @param text  a fleet that loads
 *  @returns the new text; problems of `editYaml` and `loadFleet` */
export function setMode(text: string, file: string, cluster: string, mode: ClusterStage): Outcome<string> {
  const document = documentOf(text, file);
  if (!document.ok) return document;
  const fleet = fleetSchema.parse(document.value.value);
  const edits = fleet.environments.flatMap(({ clusters }, environment) =>
    (clusters ?? []).flatMap((entry, index): readonly YamlEdit[] => {
      const path = ['environments', environment, 'clusters', index];
      if (typeof entry === 'string')
        return entry === cluster ? [{ op: 'set', path, value: { name: entry, mode } }] : [];
      const now = entry.mode ?? fleet.clusterDefaults?.mode ?? 'permissive';
      return entry.name === cluster && now !== mode
        ? [{ op: 'set', path: [...path, 'mode'], value: mode }]
        : [];
    }),
  );
  return edited(text, file, edits);
}
