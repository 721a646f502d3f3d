import type { YamlEdit } from '../model/edit.ts';
import { listAt, stringAt, type JsonValue } from '../model/json.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { editYaml } from '../yaml/edit.ts';
import { loadFleetTexts } from './load.ts';
import { fleetSchema, type FleetFile, type NamespaceEntry } from './schema.ts';
import type { ClusterStage, Stage } from '../model/fleet.ts';
import { stageIn } from './resolve.ts';
import { changedFiles, type FleetText, type FleetTexts } from './texts.ts';
import { readWritten, type WrittenFleet } from './written.ts';

/** Adds a namespace to the fleet file, or brings the one of that name to what the entry says, in whichever file it is; comments
 *  and layout of all else stay. The result is a fleet that loads.
 *  @returns the new texts; problems of `editYaml` and `loadFleetTexts` */
export function addNamespace(texts: FleetTexts, entry: NamespaceEntry): Outcome<FleetTexts> {
  const written = readWritten(texts);
  if (!written.ok) return written;
  const index = listAt(written.value.value, 'namespaces').findIndex(
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
  return editTexts(texts, written.value, edits);
}

/** Makes edits in the files that hold what they are about.
 *  @param edits  by their paths in the whole fleet
 *  @returns the new texts, when they are a fleet that loads; the very same when nothing changes */
export function editTexts(
  texts: FleetTexts,
  written: WrittenFleet,
  edits: readonly YamlEdit[],
): Outcome<FleetTexts> {
  const byFile = new Map<string, YamlEdit[]>();
  for (const edit of edits) {
    const file = written.fileOf(edit.path);
    byFile.set(file, [...(byFile.get(file) ?? []), { ...edit, path: written.localPath(edit.path) }]);
  }
  const problems: Problem[] = [];
  const edited = ({ file, text }: FleetText): FleetText => {
    const own = byFile.get(file);
    const result = own === undefined ? success(text) : editYaml(text, file, 0, own);
    if (!result.ok) problems.push(...result.problems);
    return result.ok ? { file, text: result.value } : { file, text };
  };
  const after: FleetTexts = { ...texts, ...edited(texts), included: texts.included.map(edited) };
  if (problems.length > 0) return failure(...problems);
  const loaded = loadFleetTexts(after);
  if (!loaded.ok) return loaded;
  return success(changedFiles(texts, after).length === 0 ? texts : after, loaded.problems);
}

/** Declares how far a namespace is in one environment; the others stay as they are.
 *  @param texts  of a fleet that loads
 *  @returns the new ones; problems of `editYaml` and `loadFleetTexts` */
export function setStages(
  texts: FleetTexts,
  wanted: readonly { readonly namespace: string; readonly environment: string; readonly stage: Stage }[],
): Outcome<FleetTexts> {
  const written = readWritten(texts);
  if (!written.ok) return written;
  const fleet = fleetSchema.parse(written.value.value);
  const edits = wanted.flatMap(({ namespace, environment, stage }): readonly YamlEdit[] => {
    const index = fleet.namespaces.findIndex(({ name }) => name === namespace);
    const entry = fleet.namespaces[index];
    if (entry === undefined || stageIn(entry, environment, fleet) === stage) return [];
    const path = ['namespaces', index, 'stage'];
    if (typeof entry.stage === 'object') return [{ op: 'set', path: [...path, environment], value: stage }];
    return [{ op: 'set', path, value: { ...stagesOf(entry, fleet), [environment]: stage } }];
  });
  return editTexts(texts, written.value, edits);
}

/** The stages of a namespace as a map, without those that are the default. */
function stagesOf(entry: NamespaceEntry, fleet: FleetFile): Readonly<Record<string, Stage>> {
  const pairs = fleet.environments.map(
    ({ name }) => [name, stageIn(entry, name, fleet) ?? 'outside'] as const,
  );
  return Object.fromEntries(pairs.filter(([, stage]) => stage !== 'outside'));
}

/** Declares whether a cluster refuses plaintext.
 *  @param texts  of a fleet that loads
 *  @returns the new ones; problems of `editYaml` and `loadFleetTexts` */
export function setMode(texts: FleetTexts, cluster: string, mode: ClusterStage): Outcome<FleetTexts> {
  const written = readWritten(texts);
  if (!written.ok) return written;
  const fleet = fleetSchema.parse(written.value.value);
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
  return editTexts(texts, written.value, edits);
}
