/** A host as Istio reads it in a namespace's configuration: short names mean a service of that namespace.
 *  @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService-hosts */
function fullHost(host: string, namespace: string): string {
  const parts = host.split('.');
  if (parts.length === 1) return `${host}.${namespace}.svc.cluster.local`;
  if (parts.length === 2) return `${host}.svc.cluster.local`;
  if (parts.length === 3 && parts[2] === 'svc') return `${host}.cluster.local`;
  return host;
}

/** Whether `written`, in configuration of `namespace`, means the service with the full name `host`.
 *  Istio itself expands only short names; `name.namespace` is accepted by people and read so here. */
export function isSameService(written: string, host: string, namespace: string): boolean {
  return written === host || fullHost(written, namespace) === host;
}
