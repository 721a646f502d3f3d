import { loadFleet } from '../../../src/fleet/load.ts';
import { simulatedClusters } from '../../../src/flows/simulate.ts';
import type { Call } from '../../../src/model/traffic.ts';
import { Pods } from '../../../src/traffic/pods.ts';
import { statesOf, type State } from '../../../src/traffic/states.ts';
import { MeshWorld } from '../../commands/mesh-world.ts';
import { FakeForge } from '../../fakes/forge.ts';
import { templates } from '../../fakes/templates.ts';
import { bookinfo, onlineBoutique, reportWorld } from '../../traffic/report-bundle.ts';
import type { Question } from './bench.ts';

/** The field report's bundle on Bookinfo and Online Boutique: as it says, and with the mesh turned STRICT before any pod
 *  was made again. */
export async function reportQuestions(): Promise<readonly Question[]> {
  const { states, calls } = await reportWorld(bookinfo, onlineBoutique);
  const [before, , , , strict] = states;
  if (before === undefined || strict === undefined) throw new Error('there are five states');
  const early = statesOf({ before: before.config, after: strict.config })[1];
  if (early === undefined) throw new Error('there is a state merged');
  const named = [
    ...states.map((state) => [state.name, state] as const),
    ['strict too early', early] as const,
  ];
  return named.map(([name, state]) => ({
    name: `the report's bundle, ${name}`,
    state: settled(state),
    meshConfig: {},
    calls,
  }));
}

/** The example's clusters have no control plane that answers to Bookinfo's old label, which no manifest says. */
function settled(state: State): State {
  const namespaces = new Set(state.config.workloads.map(({ namespace }) => namespace));
  const pods = [...namespaces]
    .flatMap((each) => state.pods.in(each))
    .map((pod) => (pod.hasSidecar === undefined ? { ...pod, hasSidecar: false, takesMtls: false } : pod));
  return { ...state, pods: new Pods(pods) };
}

/** Bookinfo's own routes take some paths only; a request needs one of them. */
function withPath(call: Call): Call {
  return call.host?.startsWith('bookinfo.') === true
    ? { ...call, path: '/productpage', method: 'GET' }
    : call;
}

/** Meshwright's own bundles on the example fleet, at every step of its plan. */
export async function ownQuestions(): Promise<readonly Question[]> {
  const world = new MeshWorld();
  const fleetAt: Parameters<typeof simulatedClusters>[0]['fleetAt'] = (stages) =>
    loadFleet(world.fleet, 'fleet.yaml', stages);
  const loaded = loadFleet(world.fleet, 'fleet.yaml');
  if (!loaded.ok) throw new Error(loaded.problems[0]?.message);
  const fleet = loaded.value;
  const simulated = await simulatedClusters({
    fleet,
    fleetFile: 'fleet.yaml',
    fleetAt,
    targets: fleet.targets.filter(({ environment }) => environment === 'lab'),
    templates,
    forge: new FakeForge(world.repositories),
  });
  if (!simulated.ok) throw new Error(simulated.problems[0]?.message);
  const [place] = simulated.value;
  if (place === undefined) throw new Error('the example has no lab');
  return place.states.map((state: State) => ({
    name: `Meshwright's bundles, ${state.name}`,
    state: settled(state),
    meshConfig: {},
    calls: place.declared.map(withPath),
  }));
}
