import type { KindName } from '../../../model/resource.ts';
import { injectsEverywhere } from '../../../mesh/control-plane.ts';
import { asksForSidecars } from '../../facts/mesh-use.ts';
import { rule } from '../../rule.ts';

/** What only sidecars of the same namespace obey: whoever writes it expects them there. */
const obeyedThere: readonly KindName[] = [
  'AuthorizationPolicy',
  'PeerAuthentication',
  'RequestAuthentication',
  'Sidecar',
];

export default rule({
  id: 'namespace-not-injected',
  severity: 'info',
  kinds: ['Namespace'],
  summary: 'a Namespace with policies for sidecars and workloads that get none',
  why: 'AuthorizationPolicy, PeerAuthentication, RequestAuthentication and Sidecar are carried out by the sidecars of their own namespace. Without a label that asks for sidecars nothing carries them out, and nothing says so: every call is let through. istioctl tells this of every namespace without a label; here it is told only where such objects and workloads lie in it, and no pod asks by itself.',
  fix: 'Label the Namespace with `istio.io/rev`, and restart its workloads; or say `istio-injection: disabled` where it is meant so.',
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
      const kind = obeyedThere.find((each) => inventory.inNamespace(each, name).length > 0);
      const workloads = inventory.workloadsIn(name);
      if (kind === undefined || workloads.length === 0) continue;
      if (workloads.some((workload) => inventory.injectionOf(workload).isInjected !== false)) continue;
      yield {
        resource,
        path: ['metadata', 'name'],
        message: `The namespace ${name} has ${kind} objects, and its ${String(workloads.length)} ${workloads.length === 1 ? 'workload gets' : 'workloads get'} no sidecar that would obey them.`,
      };
    }
  },
});
