import { clusterGenerator } from './shared.ts';

/** Mesh-wide mTLS mode; it changes by a variable of each cluster.
 *  @see https://istio.io/latest/docs/reference/config/security/peer_authentication/ */
export default clusterGenerator({
  id: 'peer-authentication',
  part: 'config',
  why: () => 'who may still send plaintext: everyone until STRICT',
  owned: {
    file: 'peer-authentication.yaml',
    template: 'cluster/peer-authentication.yaml.hbs',
    role: { kind: 'resource' },
    view: ({ mesh }) => ({ rootNamespace: mesh.rootNamespace }),
  },
});
