import { expandHost } from '../../../k8s/host.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasSelector, modeOf } from '../../../mesh/peer-authentication.ts';
import { stringAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'strict-without-client-mtls',
  severity: 'error',
  kinds: ['PeerAuthentication'],
  summary: 'STRICT for a mesh or namespace while auto mTLS is off and callers send plaintext',
  why: 'With `enableAutoMtls: false`, a sidecar sends plaintext unless a DestinationRule sets ISTIO_MUTUAL. Without such a rule for the whole mesh or the namespace, STRICT makes every call fail with 503 UF.',
  fix: 'Add a DestinationRule with `tls.mode: ISTIO_MUTUAL`, or leave auto mTLS on.',
  equivalent: ['KIA0401', 'KIA0501'],
  see: [
    'https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    if (inventory.settings.enableAutoMtls) return;
    const mutual = hostsWithMtls(inventory);
    const { rootNamespace, clusterDomain } = inventory.settings;
    const meshWide = ['*', '*.local', `*.${clusterDomain}`, `*.svc.${clusterDomain}`];
    if (meshWide.some((host) => mutual.has(host))) return;
    for (const resource of inventory.of('PeerAuthentication')) {
      const { namespace } = resource;
      if (hasSelector(resource) || modeOf(resource) !== 'STRICT') continue;
      if (namespace !== rootNamespace && mutual.has(`*.${namespace}.svc.${clusterDomain}`)) continue;
      yield {
        resource,
        path: ['spec', 'mtls', 'mode'],
        message: `Auto mTLS is off, and no DestinationRule read here makes callers of ${namespace === rootNamespace ? 'the mesh' : namespace} use mTLS.`,
        // Rules for single services may cover all of them.
        ...(mutual.size > 0 && { severity: 'warning' }),
      };
    }
  },
});

function hostsWithMtls(inventory: Inventory): ReadonlySet<string> {
  const { clusterDomain } = inventory.settings;
  return new Set(
    inventory.of('DestinationRule').flatMap(({ spec, namespace }) => {
      const mode = stringAt(spec, 'trafficPolicy', 'tls', 'mode');
      const host = stringAt(spec, 'host');
      const isMutual = mode === 'ISTIO_MUTUAL' || mode === 'MUTUAL';
      return isMutual && host !== undefined ? [expandHost(host, namespace, clusterDomain)] : [];
    }),
  );
}
