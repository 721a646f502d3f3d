import { expandHost, serviceInHost } from '../../../k8s/host.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { namespaceMode, workloadMode, type ModeInForce } from '../../../mesh/peer-authentication.ts';
import { describeResource } from '../../../model/resource.ts';
import { stringAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'mtls-sent-where-disabled',
  severity: 'error',
  kinds: ['DestinationRule', 'PeerAuthentication'],
  summary: 'a DestinationRule with ISTIO_MUTUAL for pods whose PeerAuthentication sets DISABLE',
  why: 'The caller’s sidecar starts a TLS handshake. The server’s sidecar does not expect one and passes it to the application as if it were a request, which fails with a 503 or a protocol error. Auto mTLS would have sent plaintext here; an explicit mode overrides it.',
  fix: 'Remove the `tls` block from the DestinationRule, or set the PeerAuthentication to PERMISSIVE or STRICT.',
  equivalent: ['KIA0505', 'KIA0506'],
  see: [
    'https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule')) {
      const host = stringAt(resource.spec, 'host');
      if (host === undefined) continue;
      if (stringAt(resource.spec, 'trafficPolicy', 'tls', 'mode') !== 'ISTIO_MUTUAL') continue;
      const disabling = disabledBy(
        expandHost(host, resource.namespace, inventory.settings.clusterDomain),
        inventory,
      );
      if (disabling === undefined) continue;
      yield {
        resource,
        path: ['spec', 'trafficPolicy', 'tls', 'mode'],
        message: `Callers of ${host} send mTLS, but ${describeResource(disabling)} sets DISABLE, so the calls fail.`,
      };
    }
  },
});

function disabledBy(host: string, inventory: Inventory): ModeInForce['by'] {
  const { clusterDomain, rootNamespace } = inventory.settings;
  const modes = [];
  if (['*', '*.local', `*.${clusterDomain}`, `*.svc.${clusterDomain}`].includes(host))
    modes.push(namespaceMode(rootNamespace, inventory));
  else if (host.startsWith('*.')) {
    const named = serviceInHost(`any${host.slice(1)}`, clusterDomain);
    if (named !== undefined) modes.push(namespaceMode(named.namespace, inventory));
  } else {
    const service = inventory.serviceAt(host);
    if (service === undefined) return undefined;
    for (const workload of inventory.workloadsOf(service))
      modes.push(workloadMode(workload, undefined, inventory));
    if (modes.length === 0) modes.push(namespaceMode(service.namespace, inventory));
  }
  const isOff = modes.every(({ mode, conflicting }) => mode === 'DISABLE' && conflicting.length === 0);
  return isOff ? modes[0]?.by : undefined;
}
