import { hasSelector, modeOf, namespaceMode, portModes } from '../../../mesh/peer-authentication.ts';
import { workloadsUnder } from '../../../mesh/policy-scope.ts';
import { servedPorts } from '../../../mesh/served-port.ts';
import { isHttp } from '../../../k8s/protocol.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'port-left-permissive',
  severity: 'info',
  kinds: ['PeerAuthentication'],
  summary: 'an HTTP port that accepts plaintext on a STRICT workload',
  why: 'An exception under `portLevelMtls` is right for ports that webhooks or scrapers outside the mesh call. On the port that serves the application, it defeats STRICT, and is often left over from the migration.',
  fix: 'Remove the exception once every caller has a sidecar.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/security/peer_authentication/'],
  *check(inventory) {
    for (const resource of inventory.of('PeerAuthentication')) {
      if (!hasSelector(resource) || resource.namespace === inventory.settings.rootNamespace) continue;
      const mode = modeOf(resource) ?? namespaceMode(resource.namespace, inventory).mode;
      if (mode !== 'STRICT') continue;
      for (const { port, mode: ofPort } of portModes(resource)) {
        if (ofPort !== 'PERMISSIVE' && ofPort !== 'DISABLE') continue;
        const served = workloadsUnder(resource, inventory)
          .flatMap((each) => servedPorts(each, inventory))
          .find(({ number, port: one }) => number === port && isHttp(one.protocol) === true);
        if (served === undefined || /metric|prom|webhook|health|probe/.test(served.port.name ?? '')) continue;
        yield {
          resource,
          path: ['spec', 'portLevelMtls', String(port)],
          at: 'key',
          message: `Port ${String(served.port.number)} of the Service ${served.service.name} accepts plaintext although the workload is STRICT.`,
        };
      }
    }
  },
});
