import { describeResource } from '../../../model/resource.ts';
import { hostOf, reachOf, topTlsMode } from '../../../mesh/declared-tls.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { namespaceMode, type ModeInForce } from '../../../mesh/peer-authentication.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'wide-mtls-before-strict',
  severity: 'warning',
  kinds: ['DestinationRule', 'PeerAuthentication', 'Namespace'],
  summary: 'a mesh-wide or namespace-wide DestinationRule with ISTIO_MUTUAL where STRICT is not enforced',
  why: 'While mTLS is not required, there may be services without sidecars, and a DestinationRule for `*.local` or `*.<namespace>.svc.cluster.local` makes every caller send them mTLS, which fails with a 503. Under PERMISSIVE it has no benefit either, since auto mTLS already encrypts whatever it can. The check skips a namespace whose pods all get a sidecar.',
  fix: 'Remove the DestinationRule, or add it together with a STRICT PeerAuthentication.',
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
      if (inForce.mode === 'STRICT' || inForce.conflicting.length > 0) continue;
      if (reach !== 'mesh' && !mayBreak(namespace, inventory)) continue;
      yield {
        resource,
        path: ['spec', 'host'],
        message: `Callers send mTLS to every service in ${reach === 'mesh' ? 'the mesh' : namespace}, but ${reason(inForce, inventory)}.`,
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

function reason({ by, mode }: ModeInForce, { settings }: Inventory): string {
  if (by !== undefined) return `${describeResource(by)} sets ${mode}`;
  return `no PeerAuthentication read in ${settings.rootNamespace} sets STRICT`;
}
