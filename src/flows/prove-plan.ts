import { renderTarget } from '../bundle/plan-target.ts';
import { discoverSettings } from '../mesh/discover-settings.ts';
import { settingsOfFleet } from '../mesh/fleet-settings.ts';
import { Inventory } from '../mesh/inventory.ts';
import { listIn } from '../model/list-in.ts';
import { withMeshWideStrict } from '../mesh/mesh-wide-strict.ts';
import { resourcesOfDocument } from '../flux/resource.ts';
import { standInGateway, standInsOf, withStandIns } from '../mesh/stand-ins.ts';
import type { TemplateSet } from '../model/bundle.ts';
import type { Fleet, NamespaceSpec, NamespaceTarget, Stage } from '../model/fleet.ts';
import type { Problem } from '../model/problem.ts';
import type { Resource } from '../model/resource.ts';
import { describeCall, firstBreak, namespacesOf, type Call, type CallReport } from '../model/traffic.ts';
import type { BrokenCall, Move, PlanProof, Step, UndeterminedCall } from '../model/waves.ts';
import { declaredCalls } from '../traffic/declared.ts';
import { simulate } from '../traffic/simulate.ts';
import { statesOf } from '../traffic/states.ts';
import { readYaml } from '../yaml/read.ts';
import { clusterScopes, type ClusterScope } from './cluster-scope.ts';

/** Goes through a plan one move after the other, each namespace by itself, and simulates every
 *  declared call that the move touches: merged, half rolled out, restarted; at the end with plaintext refused.
 *  The clusters are what the fleet declares (with the bundles of its templates), since a plan reads no repository.
 *  Linear in calls: of a move only the namespaces at the other end of its calls are looked at.
 *  @param fleetFile  named in what the calls are known from */
export function provePlan(
  fleet: Fleet,
  steps: readonly Step[],
  templates: TemplateSet,
  fleetFile: string,
): PlanProof {
  const proof = new Proof();
  for (const { name } of fleet.environments) {
    const own = steps.filter(({ environment }) => environment === name);
    const moves = own.flatMap((step) => step.moves);
    proof.moves += moves.length;
    for (const place of clusterScopes(fleet, new Set([name])))
      followMoves(new ImaginedCluster(place, fleet, templates, fleetFile), moves, proof);
  }
  return {
    calls: proof.calls.size,
    moves: proof.moves,
    broken: [...proof.broken.values()],
    undetermined: [...proof.undetermined.values()],
  };
}

/** What a plan must not do, as problems. */
export function problemsOfProof({ broken }: PlanProof): readonly Problem[] {
  return broken.map(({ call, target, stage, verdict: { symptom, reason } }) => ({
    rule: 'wave-breaks-call',
    severity: 'error',
    message: `${call} works before ${target} is ${stage}, and breaks after that: ${symptom ?? ''}. ${reason}`,
    fix: `Correct what fleet.yaml declares about the caller and the service. meshwright simulate ${target} also reads the repositories.`,
  }));
}

class Proof {
  moves = 0;
  readonly calls = new Set<string>();
  readonly broken = new Map<string, BrokenCall>();
  readonly undetermined = new Map<string, UndeterminedCall>();
}

function followMoves(cluster: ImaginedCluster, moves: readonly Move[], proof: Proof): void {
  const { environment } = cluster;
  for (const call of cluster.calls) proof.calls.add(`${environment} ${describeCall(call)}`);
  for (const move of moves) {
    const [name = ''] = move.target.split('@');
    const isNamespace = move.stage === 'joined' || move.stage === 'enforced';
    if (!isNamespace && move.stage !== 'strict') continue;
    const calls = isNamespace ? cluster.callsOf(name) : cluster.calls;
    const look = () => (isNamespace ? cluster.around(name) : cluster.whole());
    const before = look();
    if (isNamespace) cluster.stages.set(name, move.stage);
    else cluster.isStrict = true;
    const after = look();
    for (const report of simulate(calls, statesOf({ before, after }))) note(move, environment, report, proof);
  }
}

function note(move: Move, environment: string, report: CallReport, proof: Proof): void {
  const text = describeCall(report.call);
  const key = `${environment} ${text}`;
  const last = report.states.restarted;
  if (last?.verdict === 'undetermined')
    proof.undetermined.set(key, { call: text, environment, reason: last.reason, settle: last.settle });
  else proof.undetermined.delete(key);
  const found = firstBreak(report);
  if (found !== undefined)
    proof.broken.set(`${key} ${move.target} ${move.stage}`, { ...move, call: text, ...found });
}

/** A move looks at a few namespaces, and those that many call are looked at again soon: a fleet of 50,000 need not be held. */
const mostKnown = 1000;

/** A cluster as the fleet declares it, its namespaces at stages of their own. */
class ImaginedCluster {
  readonly environment: string;
  readonly calls: readonly Call[];
  readonly stages = new Map<string, Stage>();
  isStrict = false;
  readonly #fleet: Fleet;
  readonly #templates: TemplateSet;
  readonly #file: string;
  readonly #specs: ReadonlyMap<string, NamespaceSpec>;
  readonly #calls = new Map<string, Call[]>();
  readonly #neighbours = new Map<string, Set<string>>();
  readonly #known = new Map<string, readonly Resource[]>();
  readonly #gateway: Resource;

  constructor(place: ClusterScope, fleet: Fleet, templates: TemplateSet, file: string) {
    this.environment = place.environment;
    this.#fleet = fleet;
    this.#templates = templates;
    this.#file = file;
    this.#specs = new Map(place.specs.map((spec) => [spec.namespace, withStandIns(spec)]));
    this.#gateway = standInGateway(fleet.mesh, file);
    this.calls = declaredCalls([...this.#specs.values()], file);
    for (const call of this.calls) {
      const ends = new Set(namespacesOf(call));
      for (const end of ends) {
        listIn(this.#calls, end).push(call);
        const neighbours = this.#neighbours.get(end) ?? new Set();
        this.#neighbours.set(end, neighbours);
        for (const other of ends) neighbours.add(other);
      }
    }
  }

  callsOf(namespace: string): readonly Call[] {
    return this.#calls.get(namespace) ?? [];
  }

  /** A namespace, and those at the other end of its calls. */
  around(namespace: string): Inventory {
    return this.#inventory(new Set([namespace, ...(this.#neighbours.get(namespace) ?? [])]));
  }

  whole(): Inventory {
    return this.#inventory(this.#specs.keys());
  }

  #inventory(namespaces: Iterable<string>): Inventory {
    const settings = settingsOfFleet(this.#fleet);
    const resources = [...namespaces].flatMap((name) => this.#objectsOf(name));
    const all = [this.#gateway, ...resources];
    const inForce = this.isStrict ? withMeshWideStrict(all, settings.rootNamespace) : all;
    return new Inventory(inForce, discoverSettings(inForce, settings), {
      fleet: this.#fleet,
      environment: this.environment,
    });
  }

  /** What one namespace holds at its stage; nothing is known of those that are not of the fleet. */
  #objectsOf(namespace: string): readonly Resource[] {
    const stage = this.stages.get(namespace) ?? 'outside';
    const key = `${namespace} ${stage}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      // What was asked for last goes last.
      this.#known.delete(key);
      this.#known.set(key, known);
      return known;
    }
    const declared = this.#specs.get(namespace);
    // Plaintext is refused when everyone is enforced, so nobody needs an exception on the way.
    const spec = declared === undefined ? undefined : { ...declared, stage, strictClusters: [] };
    const found = spec === undefined ? [] : [...standInsOf(spec, this.#file), ...this.#bundleOf(spec)];
    const [oldest] = this.#known.keys();
    if (this.#known.size >= mostKnown && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, found);
    return found;
  }

  #bundleOf(spec: NamespaceSpec): readonly Resource[] {
    const { target: id, namespace, environment, stage, repository } = spec;
    if (stage === 'outside') return [];
    const target: NamespaceTarget = {
      kind: 'namespace',
      id,
      namespace,
      environment,
      stage,
      repository,
      specs: [spec],
    };
    return rendered(target, this.#templates).filter(
      ({ group, namespace: own }) => group.endsWith('istio.io') && own === namespace,
    );
  }
}

/** The objects of a bundle; those that say no namespace are of the target's. */
function rendered(target: NamespaceTarget, templates: TemplateSet): readonly Resource[] {
  return renderTarget(target, templates).bundles.flatMap(({ changes }) =>
    changes.flatMap(({ path, after }) => {
      const stream = readYaml(after ?? '', path);
      return stream.ok
        ? stream.value.documents.flatMap((each) => resourcesOfDocument(each, path, target.namespace))
        : [];
    }),
  );
}
