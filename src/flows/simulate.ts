import { repositoriesOf } from '../bundle/plan-target.ts';
import type { ActualStages } from '../fleet/load.ts';
import type { Inventory } from '../mesh/inventory.ts';
import type { TemplateSet } from '../model/bundle.ts';
import type { Fleet, Stage, Target } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import type { Call } from '../model/traffic.ts';
import { declaredCalls } from '../traffic/declared.ts';
import { statesOf, type State } from '../traffic/states.ts';
import { Checkouts } from './checkouts.ts';
import { planOn } from './plan-on.ts';
import { clusterScopes, type ClusterScope } from './cluster-scope.ts';
import { readInventory } from './read-inventory.ts';

/** What the states are computed from. */
export interface SimulationInput {
  readonly fleet: Fleet;
  readonly fleetFile: string;
  /** The fleet at other stages than it declares. */
  readonly fleetAt: (stages: ActualStages) => Outcome<Fleet>;
  /** Whose move is looked at; everything else stays as it is. */
  readonly targets: readonly Target[];
  readonly templates: TemplateSet;
  readonly forge: Forge;
}

/** A cluster in every state of the move, and the calls the fleet declares there. */
export interface SimulatedCluster extends ClusterScope {
  readonly states: readonly State[];
  readonly declared: readonly Call[];
  readonly before: Inventory;
  readonly fleetFile: string;
}

/** One step of the plan: what the fleet says then, and which targets have a pull request merged. */
interface Milestone {
  readonly fleet: Fleet;
  readonly isStrict: boolean;
}

/** Plans each step of the move on the step before, and reads what the clusters would hold. Nothing is written. */
export async function simulatedClusters(
  input: SimulationInput,
): Promise<Outcome<readonly SimulatedCluster[]>> {
  const { fleet, fleetFile, targets, forge } = input;
  const problems = new Map<string, Problem>();
  const note = (all: readonly Problem[]) => {
    for (const each of all) problems.set(JSON.stringify(each), each);
  };
  const environments = new Set(targets.map(({ environment }) => environment));
  const steps = stepsOf(input, environments);
  if (!steps.ok) return steps;
  let checkouts = new Checkouts(forge, fleet);
  const places = clusterScopes(fleet, environments);
  const read: Inventory[][] = places.map(() => []);
  for (const [index, step] of [undefined, ...steps.value].entries()) {
    if (step !== undefined) {
      checkouts = checkouts.copy();
      const planned = await planStep(step, input, checkouts);
      if (!planned.ok) return planned;
      note(planned.problems);
    }
    for (const [at, place] of clusterScopes(step?.fleet ?? fleet, environments).entries()) {
      const inventory = await readInventory(place, step?.fleet ?? fleet, checkouts, step?.isStrict === true);
      if (!inventory.ok) return inventory;
      if (index === 0) note(inventory.problems);
      read[at]?.push(inventory.value);
    }
  }
  const simulated = places.flatMap((place, at): readonly SimulatedCluster[] => {
    const [before, after, enforced, strict] = read[at] ?? [];
    if (before === undefined) return [];
    const states = statesOf({ before, after, enforced, strict });
    return [{ ...place, fleetFile, states, before, declared: declaredCalls(place.specs, fleetFile) }];
  });
  return success(simulated, [...problems.values()]);
}

/** Merged, enforced, strict: what the fleet declares then for the targets that move. */
function stepsOf(
  { fleet, fleetAt, targets }: SimulationInput,
  environments: ReadonlySet<string>,
): Outcome<readonly Milestone[]> {
  const moving = targets.filter((target) => target.kind === 'namespace');
  const at = (stageOf: (stage: Stage) => Stage) =>
    new Map<string, Stage>(moving.map(({ id, stage }) => [id, stageOf(stage)]));
  const clusters = fleet.environments
    .filter(({ name }) => environments.has(name))
    .flatMap((environment) => environment.clusters.map(({ name }) => [name, 'strict'] as const));
  const wanted: readonly ActualStages[] = [
    { namespaces: at((stage) => (stage === 'outside' ? 'joined' : stage)), clusters: new Map() },
    { namespaces: at(() => 'enforced'), clusters: new Map() },
    { namespaces: at(() => 'enforced'), clusters: new Map(clusters) },
  ];
  const steps: Milestone[] = [];
  for (const [index, stages] of wanted.entries()) {
    const loaded = fleetAt(stages);
    if (!loaded.ok) return loaded;
    steps.push({ fleet: loaded.value, isStrict: index === 2 });
  }
  return success(steps);
}

async function planStep(
  { fleet, isStrict }: Milestone,
  { targets, templates }: SimulationInput,
  checkouts: Checkouts,
): Promise<Outcome<void>> {
  const ids = new Set<string>(targets.map(({ id }) => id));
  const environments = new Set(targets.map(({ environment }) => environment));
  const problems: Problem[] = [];
  for (const target of fleet.targets) {
    // STRICT is a step of the whole cluster, and brings exceptions to those that are not ready.
    const isPart = isStrict && environments.has(target.environment);
    const isMoving =
      ids.has(target.id) || (isPart && (target.kind === 'cluster' || target.stage === 'joined'));
    if (!isMoving || target.stage === 'outside') continue;
    for (const repository of repositoriesOf(target)) {
      const checkout = await checkouts.of(repository);
      if (!checkout.ok) return checkout;
      const { tree, snapshot } = checkout.value;
      const plan = await planOn({ target, repository, templates }, { tree, snapshot });
      if (!plan.ok) {
        problems.push(...plan.problems);
        continue;
      }
      const { bundle } = plan.value;
      problems.push(...bundle.problems.filter(({ severity }) => severity === 'error'));
      checkouts.change(repository, tree, plan.value.snapshot, bundle.changes);
    }
  }
  return success(undefined, problems);
}
