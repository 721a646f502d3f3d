import { readiness } from '../bundle/readiness.ts';
import type { Bundle, TemplateSet } from '../model/bundle.ts';
import type { ClusterTarget, Fleet, NamespaceSpec } from '../model/fleet.ts';
import type { RepositoryId } from '../model/named.ts';
import type { Forge, Tree } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import type { UnmetPrerequisite, ObservedCalls } from '../model/waves.ts';
import {
  undeclaredCallers,
  strictGate,
  type NamespaceFinding,
  type StrictGate,
} from '../waves/strict-gate.ts';
import { planOn } from './plan-on.ts';
import { checkoutOf, readUntil } from './read-until.ts';

/** What was seen of the cluster, and the day that it is judged on. */
export interface GateEvidence {
  readonly evidence: readonly ObservedCalls[] | undefined;
  /** `2026-12-31` */
  readonly today: string;
}

/** Looks through the gate of STRICT: reads every namespace of the cluster from the forge.
 *  @param target  the cluster as declared today
 *  @returns problems of the forge when a repository can't be read */
export async function evaluateGate(
  target: ClusterTarget,
  fleet: Fleet,
  templates: TemplateSet,
  forge: Forge,
  { evidence, today }: GateEvidence,
): Promise<Outcome<StrictGate>> {
  const trees = new BaseTrees(forge, fleet.forge.baseBranch);
  const findings: NamespaceFinding[] = [];
  const specs = specsOn(target, fleet);
  const own = await clusterFinding(target, templates, trees);
  if (!own.ok) return own;
  for (const spec of specs) {
    const lacks = await lacksOf(spec, target, templates, trees);
    if (!lacks.ok) return lacks;
    findings.push({ namespace: spec.namespace, lacks: lacks.value });
  }
  const gate = strictGate(target.spec, [...findings, ...undeclaredCallers(specs)], evidence, today);
  if (own.value.length === 0) return success(gate);
  const problems = own.value.map(({ what, repository, file }) => ({
    rule: 'strict-gate-cluster',
    severity: 'error' as const,
    message: `The mesh on ${target.cluster} is not what the fleet declares: ${what}.`,
    fix: `Merge its pull request first: meshwright open ${target.id}.`,
    repository,
    file,
  }));
  return success({ ...gate, isOpen: false, problems: [...problems, ...gate.problems] });
}

/** The namespaces of a cluster that call or are called, as they are on it. */
function specsOn(target: ClusterTarget, fleet: Fleet): readonly NamespaceSpec[] {
  return fleet.targets.flatMap((each) => {
    if (each.kind === 'cluster' || each.environment !== target.environment) return [];
    const specs = each.specs.filter(({ cluster }) => cluster === undefined || cluster === target.cluster);
    return specs.filter(
      ({ services, callees, external }) => services.length + callees.length + external.length > 0,
    );
  });
}

/** The forge's base branches, each fetched once. */
class BaseTrees {
  readonly #forge: Forge;
  readonly #base: string | undefined;
  readonly #known = new Map<RepositoryId, Tree>();

  constructor(forge: Forge, base: string | undefined) {
    this.#forge = forge;
    this.#base = base;
  }

  async of(repository: RepositoryId): Promise<Outcome<Tree>> {
    const known = this.#known.get(repository);
    if (known !== undefined) return success(known);
    const state = await this.#forge.state(repository, this.#base, undefined);
    if (!state.ok) return state;
    this.#known.set(repository, state.value.base);
    return success(state.value.base);
  }
}

async function lacksOf(
  spec: NamespaceSpec,
  cluster: ClusterTarget,
  templates: TemplateSet,
  trees: BaseTrees,
): Promise<Outcome<readonly UnmetPrerequisite[]>> {
  const { namespaceManifest } = spec;
  const elsewhere = namespaceManifest.kind === 'file' ? [namespaceManifest.repository] : [];
  const found: UnmetPrerequisite[] = [];
  for (const repository of new Set([spec.repository, ...elsewhere])) {
    const tree = await trees.of(repository);
    if (!tree.ok) return tree;
    const lacks = await readLacks(spec, repository, tree.value, templates);
    if (!lacks.ok) return lacks;
    found.push(...lacks.value.map((lack) => ({ ...lack, repository })));
  }
  const isLabelled = cluster.spec.namespaces.some(
    ({ namespace, stage, isCentral }) => namespace === spec.namespace && (!isCentral || stage !== 'outside'),
  );
  return success(isLabelled ? found : [...found, { what: 'its label is not in the bundle of the cluster' }]);
}

async function readLacks(
  spec: NamespaceSpec,
  repository: RepositoryId,
  tree: Tree,
  templates: TemplateSet,
): Promise<Outcome<readonly UnmetPrerequisite[]>> {
  const found = await readUntil(checkoutOf(tree), (snapshot) =>
    readiness(spec, repository, snapshot, templates),
  );
  return found.ok ? success(found.value.value) : found;
}

/** What the cluster's own bundle still waits for on the base branch; strict already is as good as installed. */
async function clusterFinding(
  target: ClusterTarget,
  templates: TemplateSet,
  trees: BaseTrees,
): Promise<Outcome<readonly UnmetPrerequisite[]>> {
  const tree = await trees.of(target.repository);
  if (!tree.ok) return tree;
  let lacks: readonly UnmetPrerequisite[] = [];
  for (const stage of ['strict', 'permissive'] as const) {
    const staged: ClusterTarget = { ...target, stage, spec: { ...target.spec, stage } };
    const plan = await planOn(
      { target: staged, repository: target.repository, templates },
      checkoutOf(tree.value),
    );
    if (!plan.ok) return plan;
    lacks = dueIn(plan.value.bundle);
    if (lacks.length === 0) break;
  }
  return success(lacks);
}

function dueIn({ repository, changes, problems }: Bundle): readonly UnmetPrerequisite[] {
  const errors = problems.filter(
    ({ rule, severity }) => severity === 'error' || rule === 'owned-file-removed',
  );
  const due = changes.filter(({ path }) => !path.startsWith('.meshwright/'));
  return [
    ...errors.map(({ message, file }) => ({ what: message.replace(/\.$/, ''), file, repository })),
    ...due.map(({ path }) => ({ what: `${path} needs an update`, file: path, repository })),
  ].slice(0, 1);
}
