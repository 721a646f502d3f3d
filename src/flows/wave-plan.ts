import type { Fleet, NamespaceSpec } from '../model/fleet.ts';
import { graphOf, type Graph } from '../waves/graph.ts';
import type { Step, Wave } from '../model/waves.ts';
import { planWaves, type WaveCandidate } from '../waves/order.ts';
import { schedule } from '../waves/schedule.ts';

export interface WavePlan {
  readonly waves: readonly Wave[];
  readonly steps: readonly Step[];
}

/** The order in which a fleet's namespaces move, and the weeks it takes.
 *  @param maxSize  how many namespaces a wave may have */
export function planFleetWaves(fleet: Fleet, maxSize: number): WavePlan {
  const specs = fleet.targets.flatMap((target) =>
    target.kind === 'namespace' ? target.specs.slice(0, 1) : [],
  );
  const graph = callGraph(specs);
  const waves = planWaves(candidatesOf(specs, graph), graph, fleet.waves, maxSize);
  const places = fleet.environments.map(({ name }) => ({
    name,
    clusters: fleet.targets.flatMap((target) =>
      target.kind === 'cluster' && target.environment === name ? [target.cluster] : [],
    ),
    namespaces: new Set<string>(
      specs.filter(({ environment }) => environment === name).map(({ namespace }) => namespace),
    ),
  }));
  return { waves, steps: schedule(waves, places) };
}

/** Calls between namespaces of the fleet. */
function callGraph(specs: readonly NamespaceSpec[]): Graph {
  const calls = specs.flatMap(({ namespace, services }) =>
    services.flatMap(({ callers }) => callers.map((caller) => ({ from: caller.namespace, to: namespace }))),
  );
  return graphOf(
    specs.map(({ namespace }) => namespace),
    calls,
  );
}

function candidatesOf(specs: readonly NamespaceSpec[], graph: Graph): readonly WaveCandidate[] {
  const byName = new Map(specs.map((spec) => [spec.namespace as string, spec]));
  return [...byName].map(([name, spec]) => {
    const neighbours = (graph.callers.get(name)?.size ?? 0) + (graph.callees.get(name)?.size ?? 0);
    return {
      name,
      traits: traitsOf(spec),
      services: spec.services.length,
      hasTraffic: neighbours > 0 || spec.services.some(({ hosts }) => hosts.length > 0),
    };
  });
}

/** What fails in a way of its own when a sidecar appears. */
function traitsOf({ services, external, kubernetesApi }: NamespaceSpec): readonly string[] {
  const opaque = new Set(['tcp', 'tls', 'mongo', 'mysql', 'redis']);
  const traits = {
    hosts: services.some(({ hosts }) => hosts.length > 0),
    'sticky sessions': services.some(({ stickySession }) => stickySession !== undefined),
    'TCP services': services.some(({ ports }) => ports.some(({ protocol }) => opaque.has(protocol))),
    'external calls': external.length > 0,
    'the Kubernetes API': kubernetesApi,
  };
  return Object.entries(traits).flatMap(([name, has]) => (has ? [name] : []));
}
