import { clusterGenerator } from './shared.ts';

/** The shared Gateway, where any namespace may claim any host. An ALB sends no server name (FIELD-REPORT 4, trap 3), so
 *  its hosts are all hosts.
 *  @see https://istio.io/latest/docs/reference/config/networking/gateway/ */
export default clusterGenerator({
  id: 'shared-gateway',
  part: 'config',
  why: () => 'one Gateway for all applications',
  owned: {
    file: 'gateway.yaml',
    template: 'cluster/gateway.yaml.hbs',
    role: { kind: 'resource' },
    view: ({ mesh, controlPlane }) =>
      controlPlane.gatewayHosts === 'any'
        ? {
            name: mesh.gateway.name,
            namespace: mesh.gateway.namespace,
            release: controlPlane.gatewayRelease,
            hosts: ['*'],
          }
        : undefined,
  },
});
