import { addCalls } from '../fleet/add-calls.ts';
import type { FleetTexts } from '../fleet/texts.ts';
import type { Fleet } from '../model/fleet.ts';
import { success, type Outcome } from '../model/problem.ts';
import type { Call } from '../model/traffic.ts';
import { Directory } from '../traffic/directory.ts';
import { callsOf, mergeCalls } from '../traffic/graph.ts';
import { readGraph } from '../traffic/read-graph.ts';

/** A fleet file with the calls of another file declared in it. */
export interface ImportedCalls {
  /** The same as before when nothing is new. */
  readonly texts: FleetTexts;
  readonly added: readonly Call[];
  readonly seen: readonly Call[];
}

/** What a fleet file must say to declare some calls; nothing is written. */
export function declareCalls(found: readonly Call[], texts: FleetTexts): Outcome<ImportedCalls> {
  const seen = mergeCalls(found);
  const edited = addCalls(texts, seen);
  return edited.ok ? success({ ...edited.value, seen }, edited.problems) : edited;
}

/** What a fleet file must say to declare the calls that some tool has seen.
 *  @param graph  the file of the tool, and its name in problems */
export function importCalls(
  graph: { readonly text: string; readonly file: string },
  fleet: Fleet,
  texts: FleetTexts,
): Outcome<ImportedCalls> {
  const read = readGraph(graph.text, graph.file);
  if (!read.ok) return read;
  const specs = fleet.targets.flatMap((target) => (target.kind === 'namespace' ? target.specs : []));
  const { podNamespace: namespace, serviceAccount } = fleet.mesh.gateway;
  const found = callsOf(
    read.value.calls,
    new Directory(specs),
    { namespace, serviceAccount },
    read.value.source,
    graph.file,
  );
  const declared = declareCalls(found.calls, texts);
  const problems = [...read.problems, ...found.problems, ...declared.problems];
  return declared.ok ? success(declared.value, problems) : { ok: false, problems };
}
