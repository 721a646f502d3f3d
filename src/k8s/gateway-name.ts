/** The Gateway that a VirtualService of `namespace` means: `namespace/name`, `./name`, `name`, or the old
 *  `name.namespace.svc.cluster.local`, of which Istio reads the first two labels.
 *  @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService-gateways */
export function resolveGateway(
  text: string,
  namespace: string,
): { readonly namespace: string; readonly name: string } {
  const slash = text.indexOf('/');
  if (slash >= 0) {
    const said = text.slice(0, slash);
    return { namespace: said === '.' ? namespace : said, name: text.slice(slash + 1) };
  }
  if (!text.includes('.')) return { namespace, name: text };
  const [name = '', said = ''] = text.split('.', 2);
  return { namespace: said, name };
}

/** The same as `namespace/name`; `mesh`, which stands for the sidecars, stays as it is. */
export function gatewayKey(text: string, namespace: string): string {
  if (text === 'mesh') return text;
  const resolved = resolveGateway(text, namespace);
  return `${resolved.namespace}/${resolved.name}`;
}
