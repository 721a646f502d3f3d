import { clusterGenerator } from './shared.ts';

/** The Application Load Balancer. `target-type: ip` sends requests to the gateway's pods themselves, which the health check
 *  on port 15021 needs: the Service has no node port for it.
 *  @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/ */
export default clusterGenerator({
  id: 'mesh-ingress',
  part: 'ingress',
  why: () => 'the load balancer in front of the gateway',
  owned: {
    file: 'ingress.yaml',
    template: 'cluster/ingress.yaml.hbs',
    role: { kind: 'resource' },
    view: ({ mesh, controlPlane }) => ({
      namespace: mesh.gateway.podNamespace,
      release: controlPlane.gatewayRelease,
    }),
  },
});
