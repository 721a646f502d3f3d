import { clusterGenerator } from './shared.ts';

/** The certificate that the load balancer meets at the gateway (FIELD-REPORT 1: it is re-encrypted, and an ALB checks no
 *  name). It lies where the gateway's pods run, since they can read no other Secret.
 *  @see https://istio.io/latest/docs/ops/integrations/certmanager/ */
export default clusterGenerator({
  id: 'gateway-certificate',
  part: 'config',
  why: () => 'the certificate between load balancer and gateway',
  owned: {
    file: 'certificate.yaml',
    template: 'cluster/certificate.yaml.hbs',
    role: { kind: 'resource' },
    view: ({ mesh, controlPlane }) => ({
      namespace: mesh.gateway.podNamespace,
      release: controlPlane.gatewayRelease,
    }),
  },
});
