import { clusterGenerator } from './shared.ts';

/** The shared Gateway, where only migrated namespaces may claim hosts: `<namespace>/*` still works without a server name.
 *  @see https://istio.io/latest/docs/reference/config/networking/gateway/#Server */
export default clusterGenerator({
  id: 'shared-gateway-of-namespaces',
  part: 'cluster-config',
  why: () => 'one Gateway for all applications, open to the migrated namespaces only',
  owned: {
    file: 'gateway.yaml',
    template: 'cluster/gateway.yaml.hbs',
    role: { kind: 'resource' },
    view: ({ mesh, controlPlane, namespaces }) => {
      if (controlPlane.gatewayHosts === 'any') return undefined;
      const open = namespaces.filter(({ stage, hasHosts }) => hasHosts && stage !== 'outside');
      return {
        name: mesh.gateway.name,
        namespace: mesh.gateway.namespace,
        release: controlPlane.gatewayRelease,
        // A Gateway without hosts is refused; its own namespace claims none.
        hosts: open.length === 0 ? ['./*'] : open.map(({ namespace }) => `${namespace}/*`).sort(),
      };
    },
  },
});
