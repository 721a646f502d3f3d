import { describeResource } from '../../../model/resource.ts';
import { hostOf, reachOf, topTlsMode } from '../../../mesh/declared-tls.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { namespaceMode, type InForce } from '../../../mesh/peer-authentication.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'wide-mtls-before-strict',
  severity: 'warning',
  kinds: ['DestinationRule', 'PeerAuthentication', 'Namespace'],
  summary: 'a mesh-wide or namespace-wide rule with ISTIO_MUTUAL where STRICT is not in force',
  why: 'As long as mTLS is not required, there may be services without sidecars, and a rule for `*.local` or `*.<namespace>.svc.cluster.local` makes every caller send them mTLS: 503. Under PERMISSIVE nothing is gained by it either, since auto mTLS encrypts all that can be. A namespace whose pods all get a sidecar is left alone.',
  fix: 'Remove the rule, or add it together with the PeerAuthentication that says STRICT.',
  equivalent: ['KIA0205', 'KIA0206'],
  see: [
    'https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    const { rootNamespace, clusterDomain } = inventory.settings;
    for (const resource of inventory.of('DestinationRule')) {
      if (topTlsMode(resource) !== 'ISTIO_MUTUAL') continue;
      const reach = reachOf(hostOf(resource, inventory), clusterDomain);
      if (reach === undefined) continue;
      if (reach === 'mesh' && resource.namespace !== rootNamespace) continue;
      const namespace = reach === 'mesh' ? rootNamespace : reach.namespace;
      const inForce = namespaceMode(namespace, inventory);
      if (inForce.mode === 'STRICT' || inForce.rivals.length > 0) continue;
      if (reach !== 'mesh' && !mayBreak(namespace, inventory)) continue;
      yield {
        resource,
        path: ['spec', 'host'],
        message: `Callers send mTLS to every service of ${reach === 'mesh' ? 'the mesh' : namespace}, while ${reason(inForce, inventory)}.`,
        ...(reach !== 'mesh' && { severity: 'info' }),
      };
    }
  },
});

/** Whether the mode is known, and some pod of the namespace may have no sidecar. */
function mayBreak(namespace: string, inventory: Inventory): boolean {
  if (!inventory.isRead(namespace) || !inventory.isRead(inventory.settings.rootNamespace)) return false;
  return inventory.workloadsIn(namespace).some((each) => inventory.injectionOf(each).isInjected !== true);
}

function reason({ by, mode }: InForce, { settings }: Inventory): string {
  if (by !== undefined) return `${describeResource(by)} says ${mode}`;
  return `no PeerAuthentication of ${settings.rootNamespace} that was read asks for STRICT`;
}
