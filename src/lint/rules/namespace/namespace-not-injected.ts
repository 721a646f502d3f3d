import type { KindName } from '../../../model/resource.ts';
import { injectsEverywhere } from '../../../mesh/control-plane.ts';
import { asksForSidecars } from '../../facts/mesh-use.ts';
import { rule } from '../../rule.ts';

/** Kinds that only sidecars in the same namespace enforce, so whoever writes one expects sidecars there. */
const enforcedThere: readonly KindName[] = [
  'AuthorizationPolicy',
  'PeerAuthentication',
  'RequestAuthentication',
  'Sidecar',
];

export default rule({
  id: 'namespace-not-injected',
  severity: 'info',
  kinds: ['Namespace'],
  summary: 'a Namespace with sidecar policies whose workloads get no sidecar',
  why: 'The sidecars in a namespace enforce its AuthorizationPolicies, PeerAuthentications, RequestAuthentications and Sidecars. Without an injection label nothing enforces them and nothing reports it: every call is allowed. istioctl reports every namespace without a label; this rule reports only namespaces with such objects and with workloads of which none opts in itself.',
  fix: 'Label the Namespace with `istio.io/rev` and restart its workloads, or set `istio-injection: disabled` if that is intended.',
  equivalent: ['IST0102'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0102/',
    'https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/',
  ],
  *check(inventory) {
    if (injectsEverywhere(inventory) !== undefined) return;
    const { rootNamespace } = inventory.settings;
    for (const resource of inventory.of('Namespace')) {
      const { name, labels } = resource;
      if (name === rootNamespace || labels['istio-injection'] !== undefined) continue;
      if (labels['istio.io/dataplane-mode'] === 'ambient' || asksForSidecars(inventory, name) === true)
        continue;
      const kind = enforcedThere.find((each) => inventory.inNamespace(each, name).length > 0);
      const workloads = inventory.workloadsIn(name);
      if (kind === undefined || workloads.length === 0) continue;
      if (workloads.some((workload) => inventory.injectionOf(workload).isInjected !== false)) continue;
      yield {
        resource,
        path: ['metadata', 'name'],
        message: `The namespace ${name} has ${kind} objects, but its ${String(workloads.length)} ${workloads.length === 1 ? 'workload gets' : 'workloads get'} no sidecar to enforce them.`,
      };
    }
  },
});
