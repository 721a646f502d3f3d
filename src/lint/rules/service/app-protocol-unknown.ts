import { isMeshedService, isServiceOfIstio } from '../../facts/mesh-use.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { namedProtocol } from '../../../k8s/protocol.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'app-protocol-unknown',
  severity: 'info',
  kinds: ['Service'],
  summary: 'an `appProtocol` that Istio does not know',
  why: 'Kubernetes takes any name there, Istio only its own, `kubernetes.io/h2c`, `kubernetes.io/ws` and `kubernetes.io/wss`. With another one the proxy guesses from the first bytes, and the name of the port no longer counts: a port called `http` with an unknown `appProtocol` is not known to be HTTP, which is a warning.',
  fix: 'Use one of http, http2, grpc, grpc-web, https, tls, tcp, mongo, mysql, redis, or remove it and name the port so.',
  equivalent: ['KIA0602'],
  see: [
    'https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/',
    'https://kubernetes.io/docs/concepts/services-networking/service/',
  ],
  *check(inventory) {
    for (const service of inventory.services) {
      if (isServiceOfIstio(service)) continue;
      for (const { path, name, appProtocol, protocol, number, transport } of service.ports) {
        if (appProtocol === undefined || protocol !== 'sniffed' || transport !== 'TCP') continue;
        if (hasPlaceholder(appProtocol)) continue;
        if (!isMeshedService(inventory, service)) continue;
        const isNamed = name !== undefined && namedProtocol(name) !== undefined;
        yield {
          resource: service.resource,
          path: [...path, 'appProtocol'],
          ...(isNamed && { severity: 'warning' }),
          message: isNamed
            ? `Istio does not know the appProtocol "${appProtocol}", and for it no longer reads the name "${name}" of port ${String(number)}.`
            : `Istio does not know the appProtocol "${appProtocol}", so the proxy guesses the protocol of port ${String(number)}.`,
        };
      }
    }
  },
});
