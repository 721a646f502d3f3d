import type { Fleet } from '../model/fleet.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import {
  describeCall,
  isDeclared,
  namespacesOf,
  type Call,
  type StateName,
  type Decision,
} from '../model/traffic.ts';
import type { Explanation, Matrix, ClusterKnown, ClusterReport } from '../report/simulate.ts';
import { displacedCalls } from '../traffic/displaced.ts';
import { Directory } from '../traffic/directory.ts';
import { callsOf, mergeCalls, withoutHosts } from '../traffic/graph.ts';
import { knowledgeOf } from '../traffic/knowledge.ts';
import { readGraph } from '../traffic/read-graph.ts';
import { judgeShadow } from '../traffic/shadow.ts';
import { scannedCalls } from '../traffic/scanned.ts';
import { simulate, verdictOf } from '../traffic/simulate.ts';
import type { SimulatedCluster } from './simulate.ts';

/** The verdicts on all calls of some namespaces, declared, seen, or named in manifests; clusters of one environment where a
 *  call has the same verdicts share a report.
 *  @param names  namespaces at either end of the calls */
export function clusterReports(
  places: readonly SimulatedCluster[],
  names: ReadonlySet<string>,
  graph: { readonly text: string; readonly file: string } | undefined,
  { mesh }: Fleet,
): Outcome<{ readonly reports: readonly ClusterReport[]; readonly known: readonly ClusterKnown[] }> {
  const read = graph === undefined ? undefined : readGraph(graph.text, graph.file);
  if (read?.ok === false) return read;
  const gateway = { namespace: mesh.gateway.podNamespace, serviceAccount: mesh.gateway.serviceAccount };
  const found = new Map<string, ClusterReport>();
  const known = new Map<string, ClusterKnown>();
  const problems = new Map<string, Problem>();
  for (const place of places) {
    const directory = new Directory(place.specs, place.before);
    const seen =
      read === undefined || graph === undefined
        ? undefined
        : callsOf(read.value.calls, directory, gateway, read.value.source, graph.file);
    const shadow = judgeShadow(read?.value.shadow ?? [], directory, graph?.file ?? '').problems;
    for (const each of [...(read?.problems ?? []), ...(seen?.problems ?? []), ...shadow])
      problems.set(JSON.stringify(each), each);
    const calls = mergeCalls(
      place.declared,
      withoutHosts(seen?.calls ?? [], place.declared),
      scannedCalls(place.before),
    );
    for (const each of knownAt(place, names, calls, seen?.calls ?? [])) {
      const key = JSON.stringify(each);
      const clusters = [
        ...(known.get(key)?.clusters ?? []),
        ...(place.cluster === undefined ? [] : [place.cluster]),
      ];
      known.set(key, { ...each, clusters });
    }
    const own = calls.filter((call) => namespacesOf(call).some((each) => names.has(each)));
    // What a move takes from others is its matter, whose ever the Service is.
    const displaced = place.states
      .slice(1)
      .flatMap(({ config }, index) => displacedCalls(place.states[index]?.config ?? place.before, config));
    for (const report of simulate(mergeCalls(own, displaced), place.states)) {
      const { environment, cluster } = place;
      const key = JSON.stringify([environment, report.call, report.states]);
      const clusters = [...(found.get(key)?.clusters ?? []), ...(cluster === undefined ? [] : [cluster])];
      found.set(key, { ...report, environment, clusters });
    }
  }
  return success({ reports: [...found.values()], known: [...known.values()] }, [...problems.values()]);
}

/** What is known of the namespaces that are looked at, and which calls would have to be declared. */
function knownAt(
  { specs, before, environment, fleetFile }: SimulatedCluster,
  names: ReadonlySet<string>,
  calls: readonly Call[],
  seen: readonly Call[],
): readonly ClusterKnown[] {
  const undeclared = calls.filter((call) => !isDeclared(call));
  return specs
    .filter(({ namespace }) => names.has(namespace))
    .flatMap((spec) => knowledgeOf(spec, before, fleetFile, seen))
    .map((each) => ({
      ...each,
      environment,
      clusters: [],
      undeclared: undeclared.filter(({ from, to }) => {
        const end = each.kind === 'callers' ? to : from;
        return (
          'namespace' in end && 'name' in end && end.namespace === each.namespace && end.name === each.name
        );
      }),
    }));
}

/** One call of a place, decision by decision. A call of the gateway has the hosts that the fleet declares for it. */
export function explainCall(
  asked: Call,
  { states, declared, environment, cluster }: SimulatedCluster,
): Explanation {
  const known = declared.find((call) => describeCall({ ...call, host: undefined }) === describeCall(asked));
  const call = known ?? asked;
  return {
    environment,
    cluster,
    states: states.map((state) => {
      const steps: Decision[] = [];
      const verdict = verdictOf(call, state, (step) => steps.push(step));
      return { name: state.name, verdict, steps };
    }),
  };
}

/** The states in which something is stable enough to look at. */
const stages: ReadonlySet<StateName> = new Set(['before', 'restarted', 'enforced', 'strict']);

/** Who reaches whom among the services of some namespaces, at each stage. */
export function matricesOf(
  { specs, states, environment }: SimulatedCluster,
  names: ReadonlySet<string>,
): readonly Matrix[] {
  const services = specs
    .filter(({ namespace }) => names.has(namespace))
    .flatMap(({ namespace, services: all }) => all.map((service) => ({ namespace, ...service })));
  const callers = [...services.map(({ namespace, name }) => `${namespace}/${name}`), 'outside'];
  return states
    .filter(({ name }) => stages.has(name))
    .map((state) => ({
      environment,
      state: state.name,
      callers,
      rows: services.flatMap(({ namespace, name, ports }) =>
        ports.map(({ number }) => ({
          callee: `${namespace}/${name}:${String(number)}`,
          verdicts: [
            ...services.map((caller) => ({
              kind: 'workload' as const,
              namespace: caller.namespace,
              name: caller.name,
            })),
            { kind: 'outside' as const },
          ].map((from) => {
            const to = { kind: 'service' as const, namespace, name, port: number };
            return verdictOf({ from, to, evidence: [] }, state).verdict;
          }),
        })),
      ),
    }));
}
