import { stringAt } from '../../src/model/json.ts';
import { generator, isInOwnedFile, manifestsOf, problemAt, specOf } from '../shared.ts';

const file = 'istio-peerauthentication.yaml';
const page = 'https://istio.io/latest/docs/reference/config/security/peer_authentication/';

/** The exception of a namespace that is not enforced on a cluster that refuses plaintext: its pods answer callers without
 *  a sidecar all the same. At `enforced` it goes.
 *  @see https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/ */
export default generator({
  id: 'istio-peerauthentication',
  why: () => 'the cluster refuses plaintext, but callers of this namespace may still send it',
  owned: {
    file,
    template: 'namespace/istio-peerauthentication.yaml.hbs',
    role: { kind: 'resource' },
    view: (spec) =>
      spec.strictClusters.length > 0 && spec.stage !== 'enforced' ? { namespace: spec.namespace } : undefined,
  },
  reconcile(wanted, spec, tree) {
    if (wanted.length === 0) return { actions: [], problems: [] };
    const [policy] = manifestsOf(tree, spec, 'security.istio.io', 'PeerAuthentication').filter(
      (each) => specOf(each).selector === undefined,
    );
    if (policy === undefined) return { actions: [{ do: 'add', index: 0 }], problems: [] };
    const mode = stringAt(policy.built, 'spec', 'mtls', 'mode');
    if (mode === 'PERMISSIVE' || mode === 'DISABLE') return { actions: [], problems: [] };
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
  },
});
