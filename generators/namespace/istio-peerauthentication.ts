import { keyOf } from '../../src/model/key-of.ts';
import type { Admission, BoundSpec, ReconcileAction } from '../../src/model/generator.ts';
import { objectAt, stringAt, type JsonObject } from '../../src/model/json.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { Problem } from '../../src/model/problem.ts';
import { hasLabels, labelsAt } from '../../src/k8s/selector.ts';
import { generator, isInOwnedFile, isNamed, manifestsOf, problemAt, specOf } from '../shared.ts';

const file = 'istio-peerauthentication.yaml';
const page = 'https://istio.io/latest/docs/reference/config/security/peer_authentication/';

/** Exceptions on a cluster that refuses plaintext: of a whole namespace that is not enforced, whose pods answer callers without
 *  a sidecar all the same; at `enforced`, of the ports alone that callers without a mesh identity come to.
 *  @see https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/ */
export default generator({
  id: 'istio-peerauthentication',
  why: (stage) =>
    stage === 'enforced'
      ? 'the cluster refuses plaintext, but these ports have callers without a sidecar'
      : 'the cluster refuses plaintext, but callers of this namespace may still send it',
  owned: {
    file,
    template: 'namespace/istio-peerauthentication.yaml.hbs',
    role: { kind: 'resource' },
    view: (spec) => {
      if (spec.strictClusters.length === 0) return undefined;
      const isWhole = spec.stage !== 'enforced';
      const workloads = isWhole ? [] : exceptionsOf(spec.admissions);
      return isWhole || workloads.length > 0 ? { namespace: spec.namespace, isWhole, workloads } : undefined;
    },
  },
  reconcile(wanted, spec, tree) {
    const actions: ReconcileAction[] = [];
    const problems: Problem[] = [];
    const present = manifestsOf(tree, spec, 'security.istio.io', 'PeerAuthentication');
    for (const [index, desired] of wanted.entries()) {
      const found =
        objectAt(desired, 'spec').selector === undefined
          ? reconcileWhole(index, present, spec)
          : reconcilePorts(desired, index, present);
      actions.push(...found.actions);
      problems.push(...found.problems);
    }
    return { actions, problems };
  },
});

/** One for each set of pods: of several that select a pod, only the oldest on the cluster is in force. */
function exceptionsOf(admissions: readonly Admission[]): readonly object[] {
  const found = new Map<string, { readonly admission: Admission; readonly ports: Set<number> }>();
  for (const admission of admissions) {
    const { account, ports, selector } = admission;
    if (account !== undefined || ports.length === 0) continue;
    const labels = Object.entries(selector).sort(([one], [other]) => (one < other ? -1 : 1));
    const key = keyOf(...labels.flat());
    const known = found.get(key) ?? { admission, ports: new Set() };
    for (const port of ports) known.ports.add(port);
    found.set(key, known);
  }
  return [...found.values()].map(({ admission, ports }, index) => ({
    isFurther: index > 0,
    name: admission.name.replace(/^allow-/, 'permissive-').slice(0, 253),
    selector: Object.entries(admission.selector).map(([key, value]) => ({ key, value })),
    ports: [...ports].sort((one, other) => one - other).map(String),
  }));
}

interface Reconciled {
  readonly actions: readonly ReconcileAction[];
  readonly problems: readonly Problem[];
}

const nothing: Reconciled = { actions: [], problems: [] };

function reconcileWhole(index: number, present: readonly Manifest[], spec: BoundSpec): Reconciled {
  const policy = present.find((each) => specOf(each).selector === undefined);
  if (policy === undefined) return { actions: [{ do: 'add', index }], problems: [] };
  const mode = stringAt(policy.built, 'spec', 'mtls', 'mode');
  if (mode === 'PERMISSIVE' || mode === 'DISABLE') return nothing;
  if (isInOwnedFile(policy, spec, file))
    return {
      actions: [
        {
          do: 'edit',
          manifest: policy,
          edits: [{ op: 'set', path: ['spec', 'mtls', 'mode'], value: 'PERMISSIVE' }],
          why: 'plaintext is accepted while the namespace is not enforced',
        },
      ],
      problems: [],
    };
  return {
    actions: [],
    problems: [
      problemAt(policy, ['spec', 'mtls', 'mode'], {
        rule: 'peerauthentication-strict',
        severity: 'warning',
        message: `PeerAuthentication "${policy.builtName}" of this namespace itself refuses plaintext (${mode ?? 'UNSET, and the cluster is strict'}); callers without a sidecar stay cut off.`,
        fix: 'Set mode: PERMISSIVE there if they must get through.',
        see: page,
      }),
    ],
  };
}

/** The ports of one set of pods, which whoever selects them already must accept plaintext at. */
function reconcilePorts(desired: JsonObject, index: number, present: readonly Manifest[]): Reconciled {
  const labels = labelsAt(desired, 'spec', 'selector', 'matchLabels');
  const ports = Object.keys(objectAt(desired, 'spec', 'portLevelMtls'));
  const name = stringAt(desired, 'metadata', 'name') ?? '';
  const policy =
    present.find((each) => isNamed(each, name)) ??
    present.find((each) => {
      const own = labelsAt(each.built, 'spec', 'selector', 'matchLabels');
      return Object.keys(own).length > 0 && hasLabels(labels, own);
    });
  if (policy === undefined) return { actions: [{ do: 'add', index }], problems: [] };
  const all = stringAt(policy.built, 'spec', 'mtls', 'mode');
  const missing = ports.filter((port) => {
    const mode = stringAt(policy.built, 'spec', 'portLevelMtls', port, 'mode') ?? all;
    return mode !== 'PERMISSIVE' && mode !== 'DISABLE';
  });
  if (missing.length === 0) return nothing;
  return {
    actions: [],
    problems: [
      problemAt(policy, ['spec'], {
        rule: 'peerauthentication-strict',
        severity: 'warning',
        message: `PeerAuthentication "${policy.builtName}" refuses plaintext at port ${missing.join(', ')}, where callers without a sidecar come in; only one policy is in force for these pods.`,
        fix: `Set mode: PERMISSIVE there for these ports, under portLevelMtls, if they must get through.`,
        see: page,
      }),
    ],
  };
}
