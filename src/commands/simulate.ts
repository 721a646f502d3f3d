import type { Fleet, Target } from '../model/fleet.ts';
import { hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import type { Call } from '../model/traffic.ts';
import type { SimulatedCluster } from '../flows/simulate.ts';
import {
  codeFor,
  command,
  isSet,
  misuse,
  selectionOptions,
  targetArgument,
  refusal,
  textOption,
  usage,
  type Input,
  type Result,
  type Services,
} from './command.ts';
import { loadWithForge } from './load.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'simulate',
  summary: 'show which call breaks, at which step and why, before anything is merged',
  argument: targetArgument,
  options: [
    {
      flags: '--graph <file>',
      help: "observed traffic from Prometheus, Kiali, Hubble, OpenTelemetry or Envoy ('-': standard input)",
    },
    { flags: '--why <call>', help: "explain one call step by step: 'shop/frontend -> pay/api:8443'" },
    { flags: '--matrix', help: 'show which services of the targets reach each other, in each state' },
    ...selectionOptions,
  ],
  examples: [
    'meshwright simulate shop@lab',
    'meshwright simulate --environment lab --graph calls.json --json',
    "meshwright simulate shop@lab --why 'shop/frontend -> pay/api:8443'",
  ],
  run: simulateCommand,
});

async function simulateCommand(input: Input, services: Services): Promise<Result<Outputs['simulate']>> {
  const isAll =
    input.names.length === 0 &&
    ['environment', 'cluster'].every((name) => textOption(input, name) === undefined);
  const selection = isAll ? { ...input, options: { ...input.options, all: true } } : input;
  const { parseCall } = await import('../traffic/parse-call.ts');
  const why = textOption(input, 'why');
  const asked = why === undefined ? undefined : parseCall(why);
  if (asked?.ok === false) return usage(asked.problems);
  const loaded = await loadWithForge(selection, services);
  if (!loaded.ok) return usage(loaded.problems);
  const { fleet, fleetFile, texts, targets, templates, forge } = loaded.value;
  const { loadFleetTexts } = await import('../fleet/load.ts');
  const { simulatedClusters } = await import('../flows/simulate.ts');
  const graph = await readGraphFile(input, services);
  if (!graph.ok) return usage(graph.problems);
  const simulated = await simulatedClusters({
    fleet,
    fleetFile,
    fleetAt: (stages) => loadFleetTexts(texts, stages),
    targets,
    templates,
    forge,
  });
  if (!simulated.ok) return refusal(simulated.problems);
  const problems = [...loaded.problems, ...graph.problems, ...simulated.problems];
  const names = new Set<string>(
    targets.flatMap((each) => (each.kind === 'namespace' ? [each.namespace] : [])),
  );
  if (asked !== undefined) return explain(asked.value, simulated.value, problems, services);
  if (isSet(input, 'matrix')) return matrix(names, simulated.value, problems, services);
  return verdicts({ targets, names, graph: graph.value, fleet }, simulated.value, problems, services);
}

type GraphFile = { readonly text: string; readonly file: string } | undefined;

async function readGraphFile(input: Input, services: Services): Promise<Outcome<GraphFile>> {
  const file = textOption(input, 'graph');
  if (file === undefined) return success(undefined);
  const text = await services.files.readText(file);
  return text.ok ? success({ text: text.value, file }) : text;
}

/** Whose calls are judged. */
interface Judged {
  readonly targets: readonly Target[];
  readonly names: ReadonlySet<string>;
  /** Calls that a file holds, beside those of the fleet. */
  readonly graph: GraphFile;
  readonly fleet: Fleet;
}

async function verdicts(
  { targets, names, graph, fleet }: Judged,
  places: readonly SimulatedCluster[],
  problems: readonly Problem[],
  services: Services,
): Promise<Result<Outputs['simulate']>> {
  const { clusterReports } = await import('../flows/cluster-reports.ts');
  const { describeSimulation, isBroken, simulationAsJson } = await import('../report/simulate.ts');
  const found = clusterReports(places, names, graph, fleet);
  if (!found.ok) return usage(found.problems);
  const { reports, known } = found.value;
  const { isEnforcing, unknownOf, unknownProblems } = await import('../flows/check-knowledge.ts');
  const unknown = targets.filter(isEnforcing).flatMap((target) => {
    const own = known.filter(({ namespace, environment }) => `${namespace}@${environment}` === target.id);
    return unknownProblems(unknownOf(own), target, reports);
  });
  const all = [...problems, ...found.problems, ...unknown];
  const broken = reports.some(isBroken);
  return {
    code: broken || hasErrors(all) ? codeFor(all, broken) : 0,
    text: describeSimulation(reports, known, services.colours),
    json: simulationAsJson(reports, known),
    problems: all,
  };
}

async function explain(
  asked: Call,
  places: readonly SimulatedCluster[],
  problems: readonly Problem[],
  services: Services,
): Promise<Result<Outputs['simulate']>> {
  const { explainCall } = await import('../flows/cluster-reports.ts');
  const { describeWhy } = await import('../report/simulate.ts');
  const { describeCall } = await import('../model/traffic.ts');
  const explanations = places.map((place) => explainCall(asked, place));
  const call = describeCall(asked);
  return {
    code: codeFor(problems),
    text: describeWhy(call, explanations, services.colours),
    json: { call, places: explanations },
    problems,
  };
}

async function matrix(
  names: ReadonlySet<string>,
  places: readonly SimulatedCluster[],
  problems: readonly Problem[],
  services: Services,
): Promise<Result<Outputs['simulate']>> {
  const { matricesOf } = await import('../flows/cluster-reports.ts');
  const { describeMatrices } = await import('../report/simulate.ts');
  const count = new Set(
    places.flatMap(({ specs }) =>
      specs
        .filter(({ namespace }) => names.has(namespace))
        .flatMap((spec) => spec.services.map(({ name }) => `${spec.namespace}/${name}`)),
    ),
  ).size;
  if (count > 60)
    return usage([
      misuse(
        `A matrix of ${String(count)} services is too large to read.`,
        'Name targets with at most 60 services.',
      ),
    ]);
  const matrices = places.flatMap((place) => matricesOf(place, names));
  return {
    code: codeFor(problems),
    text: describeMatrices(matrices, services.colours),
    json: { matrices },
    problems,
  };
}
