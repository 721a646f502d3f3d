import { clusterGenerator } from './shared.ts';

/** The ingress gateway. Release, labels and account are written out, since Gateways select by them and policies name them.
 *  @see https://istio.io/latest/docs/setup/additional-setup/gateway/ */
export default clusterGenerator({
  id: 'istio-ingressgateway',
  part: 'gateway',
  why: () => 'the gateway that the load balancer sends requests to',
  owned: {
    file: 'istio-ingressgateway.yaml',
    template: 'cluster/istio-ingressgateway.yaml.hbs',
    role: { kind: 'resource' },
    view: ({ mesh, controlPlane, charts }) => ({
      namespace: mesh.gateway.podNamespace,
      isHelmRepository: charts.startsWith('https://'),
      release: controlPlane.gatewayRelease,
      revision: mesh.revision,
      serviceAccount: mesh.gateway.serviceAccount,
    }),
  },
});
