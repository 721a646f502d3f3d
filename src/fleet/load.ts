import type { ClusterStage, Fleet, Stage } from '../model/fleet.ts';
import { failure, hasErrors, success, type Outcome } from '../model/problem.ts';
import { CallIndex } from './calls.ts';
import { checkFleet } from './check.ts';
import { checkReserved } from './check-reserved.ts';
import { describeIssues } from './issues.ts';
import { withoutErrors } from './salvage.ts';
import type { FoundPaths } from './found-paths.ts';
import { resolveFleet, stageIn } from './resolve.ts';
import { fleetSchema, type EnvironmentEntry, type FleetFile, type NamespaceEntry } from './schema.ts';
import { FleetSource } from './source.ts';
import { oneFile, type FleetTexts } from './texts.ts';
import { readWritten } from './written.ts';

/** How far namespaces (by target, `shop@lab`) and clusters (by name) really are, whatever the file declares. */
export interface ActualStages {
  readonly namespaces: ReadonlyMap<string, Stage>;
  readonly clusters: ReadonlyMap<string, ClusterStage>;
}

/** {@link loadFleetTexts} of a fleet in one file.
 *  @param file  name used in problems */
export function loadFleet(text: string, file: string, actual?: ActualStages): Outcome<Fleet> {
  return loadFleetTexts(oneFile(text, file), actual);
}

/** Reads a fleet: every default and placeholder filled in, or every error of its files at once, each with its place.
 *  @param actual  stages to resolve it at, instead of the declared ones
 *  @returns problems `fleet-*` and `yaml-*`; warnings may come with a fleet */
export function loadFleetTexts(texts: FleetTexts, actual?: ActualStages): Outcome<Fleet> {
  const written = readWritten(texts);
  if (!written.ok) return written;
  const { value } = written.value;
  const parsed = fleetSchema.safeParse(value);
  const source = new FleetSource(written.value);
  if (parsed.success) {
    const fleet = resolve(
      actual === undefined ? parsed.data : atStages(parsed.data, actual),
      source,
      texts.paths,
    );
    // What is declared is checked; how far things really are is a fact, and the way out must stay open.
    if (actual === undefined) checkReserved(parsed.data, fleet, source);
    return hasErrors(source.problems) ? failure(...source.problems) : success(fleet, source.problems);
  }
  // What the shape's errors leave whole is checked too, so that one run tells all.
  const rest = fleetSchema.safeParse(withoutErrors(value, parsed.error.issues));
  if (rest.success) checkReserved(rest.data, resolve(rest.data, source, texts.paths), source);
  const more = source.problems.filter(({ rule }) => rule !== 'fleet-missing-key');
  return failure(...describeIssues(parsed.error.issues, written.value, texts.file, fleetSchema), ...more);
}

/** Whether the fleet leaves it to its clusters to say what some namespace is built from. */
export function leavesPathsOut(texts: FleetTexts): boolean {
  const written = readWritten(texts);
  const parsed = written.ok ? fleetSchema.safeParse(written.value.value) : undefined;
  if (parsed?.success !== true) return false;
  const { namespaces, defaults } = parsed.data;
  return namespaces.some(
    ({ path = defaults?.path, repository = defaults?.repository }) =>
      path === undefined || repository === undefined,
  );
}

function atStages(file: FleetFile, { namespaces, clusters }: ActualStages): FleetFile {
  const stages = (entry: NamespaceEntry) =>
    Object.fromEntries(
      file.environments.flatMap(({ name }) => {
        const stage = namespaces.get(`${entry.name}@${name}`) ?? stageIn(entry, name, file);
        return stage === undefined ? [] : [[name, stage] as const];
      }),
    );
  const modes = (entry: NonNullable<EnvironmentEntry['clusters']>[number]) => {
    const mode = clusters.get(typeof entry === 'string' ? entry : entry.name);
    if (mode === undefined) return entry;
    return typeof entry === 'string' ? { name: entry, mode } : { ...entry, mode };
  };
  return {
    ...file,
    environments: file.environments.map((environment) => ({
      ...environment,
      ...(environment.clusters !== undefined && { clusters: environment.clusters.map(modes) }),
    })),
    namespaces: file.namespaces.map((entry) => ({ ...entry, stage: stages(entry) })),
  };
}

function resolve(file: FleetFile, source: FleetSource, paths: FoundPaths | undefined): Fleet {
  const calls = new CallIndex(file, source);
  const fleet = resolveFleet(file, calls, source, paths);
  if (!hasErrors(source.problems)) checkFleet(file, fleet, calls, source);
  return fleet;
}
