import { addCalls } from '../fleet/add-calls.ts';
import { addObserved, type ObservedStatement } from '../fleet/add-observed.ts';
import type { FleetTexts } from '../fleet/texts.ts';
import type { Fleet } from '../model/fleet.ts';
import { success, type Outcome } from '../model/problem.ts';
import type { Call } from '../model/traffic.ts';
import { Directory } from '../traffic/directory.ts';
import { callsOf, mergeCalls } from '../traffic/graph.ts';
import { readGraph } from '../traffic/read-graph.ts';
import { judgeShadow } from '../traffic/shadow.ts';

/** A fleet file with the calls of another file declared in it. */
export interface ImportedCalls {
  /** The same as before when nothing is new. */
  readonly texts: FleetTexts;
  readonly added: readonly Call[];
  readonly seen: readonly Call[];
  /** Services of which everything that was recorded is declared. */
  readonly observed: readonly ObservedStatement[];
}

/** Texts of a fleet in which some calls are declared, and what was observed is stated. */
export function declareFound(
  texts: FleetTexts,
  { seen, observed }: Pick<ImportedCalls, 'seen' | 'observed'>,
): Outcome<{ readonly texts: FleetTexts; readonly added: readonly Call[] }> {
  const edited = addCalls(texts, seen);
  if (!edited.ok) return edited;
  const stated = addObserved(edited.value.texts, observed);
  const problems = [...edited.problems, ...stated.problems];
  return stated.ok ? success({ ...edited.value, texts: stated.value }, problems) : { ok: false, problems };
}

/** What a fleet file must say to declare some calls; nothing is written. */
export function declareCalls(
  found: readonly Call[],
  texts: FleetTexts,
  observed: readonly ObservedStatement[] = [],
): Outcome<ImportedCalls> {
  const seen = mergeCalls(found);
  const edited = declareFound(texts, { seen, observed });
  return edited.ok ? success({ ...edited.value, seen, observed }, edited.problems) : edited;
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
  const { calls, shadow, source } = read.value;
  const directory = new Directory(specs);
  const found = callsOf(calls, directory, { namespace, serviceAccount }, source, graph.file);
  const judged = judgeShadow(shadow, directory, graph.file);
  const observed = judged.clean.map(({ allowed, ...rest }) => ({
    ...rest,
    source: 'envoy' as const,
    received: Math.round(allowed),
  }));
  const declared = declareCalls(found.calls, texts, observed);
  const problems = [...read.problems, ...found.problems, ...judged.problems, ...declared.problems];
  return declared.ok ? success(declared.value, problems) : { ok: false, problems };
}
