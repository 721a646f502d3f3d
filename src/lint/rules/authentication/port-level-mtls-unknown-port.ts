import { hasSelector, portModes } from '../../../mesh/peer-authentication.ts';
import { workloadsUnder } from '../../../mesh/policy-scope.ts';
import { declaresPort, servedPorts } from '../../../mesh/served-port.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'port-level-mtls-unknown-port',
  severity: 'warning',
  kinds: ['PeerAuthentication'],
  summary: 'a port under `portLevelMtls` that the pods do not listen on',
  why: 'The keys of `portLevelMtls` are container ports, not Service ports. An exception for any other number has no effect: the port it was meant for keeps the mode of the workload, so plaintext callers are still reset, or the port still accepts plaintext.',
  fix: 'Use the container port (the Service’s `targetPort`).',
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/security/peer_authentication/'],
  *check(inventory) {
    for (const resource of inventory.of('PeerAuthentication')) {
      if (!hasSelector(resource) || resource.namespace === inventory.settings.rootNamespace) continue;
      const workloads = workloadsUnder(resource, inventory);
      if (workloads.length === 0) continue;
      for (const { port } of portModes(resource)) {
        const served = workloads.flatMap((each) => servedPorts(each, inventory));
        if (
          workloads.some((each) => declaresPort(each, port)) ||
          served.some(({ number }) => number === port)
        )
          continue;
        const lead = served.find((each) => each.port.number === port);
        // A container need not declare its ports.
        const tell = workloads.every(({ containers }) => containers.some(({ ports }) => ports.length > 0));
        if (lead === undefined && !tell) continue;
        yield {
          resource,
          path: ['spec', 'portLevelMtls', String(port)],
          at: 'key',
          message:
            lead === undefined
              ? `No container of ${workloads[0]?.name ?? ''} declares port ${String(port)}.`
              : `${String(port)} is a port of the Service ${lead.service.name}; its pods listen on ${String(lead.number)}.`,
          ...(lead !== undefined && { severity: 'error', fix: `Use ${String(lead.number)}.` }),
        };
      }
    }
  },
});
