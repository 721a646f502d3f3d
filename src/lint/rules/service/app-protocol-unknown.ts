import { isMeshedService, isServiceOfIstio } from '../../facts/mesh-use.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { namedProtocol } from '../../../k8s/protocol.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'app-protocol-unknown',
  severity: 'info',
  kinds: ['Service'],
  summary: 'an `appProtocol` that Istio does not know',
  why: 'Kubernetes accepts any value, but Istio only its own protocol names, `kubernetes.io/h2c`, `kubernetes.io/ws` and `kubernetes.io/wss`. With any other value the proxy detects the protocol from the first bytes and ignores the port name: a port named `http` with an unknown `appProtocol` is not treated as HTTP, which is a warning.',
  fix: 'Use one of http, http2, grpc, grpc-web, https, tls, tcp, mongo, mysql, redis, or remove it and put the protocol in the port name.',
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
            ? `Istio does not know the appProtocol "${appProtocol}", and it overrides the name "${name}" of port ${String(number)}.`
            : `Istio does not know the appProtocol "${appProtocol}", so the proxy has to detect the protocol of port ${String(number)}.`,
        };
      }
    }
  },
});
