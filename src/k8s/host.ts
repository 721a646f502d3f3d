/** A host as Istio reads it in an object of `namespace`: only a name without any dot is completed.
 *  `svc.ns` stays as it is, and so names nothing.
 *  @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService-hosts */
export function expandHost(host: string, namespace: string, domain: string): string {
  return host === '' || host === '*' || host.includes('.') ? host : `${host}.${namespace}.svc.${domain}`;
}

/** The DNS domain of a cluster that says nothing else.
 *  @see https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/ */
export const usualDomain = 'cluster.local';

/** The name a Kubernetes service has in the mesh; `*` as its name stands for all services of the namespace. */
export function serviceHost(name: string, namespace: string, domain: string = usualDomain): string {
  return `${name}.${namespace}.svc.${domain}`;
}

/** Whether the set of names that `pattern` stands for holds all that `host` stands for; either may be a wildcard. */
export function covers(pattern: string, host: string): boolean {
  if (pattern === '*') return true;
  if (!pattern.startsWith('*')) return pattern === host;
  const suffix = pattern.slice(1);
  return host.startsWith('*') ? host.slice(1).endsWith(suffix) : host.endsWith(suffix);
}

/** The widest of some wildcards, other than `host` itself, that covers it. Needs no look at each of them. */
export function wildcardOver(host: string, wildcards: ReadonlySet<string>): string | undefined {
  for (let at = Math.min(host.length, 256); at >= 0; at -= 1) {
    const wildcard = `*${host.slice(host.length - at)}`;
    if (wildcard !== host && wildcards.has(wildcard)) return wildcard;
  }
  return undefined;
}

/** Whether some name is in both sets. */
export function overlaps(one: string, other: string): boolean {
  return covers(one, other) || covers(other, one);
}

/** Of `svc.ns`, `svc.ns.svc` or a full name: its service and namespace; undefined for other names. */
export function serviceInHost(
  host: string,
  domain: string,
): { readonly service: string; readonly namespace: string } | undefined {
  const short = host.endsWith(`.svc.${domain}`)
    ? host.slice(0, -`.svc.${domain}`.length)
    : host.endsWith('.svc')
      ? host.slice(0, -'.svc'.length)
      : host;
  const [service, namespace, ...rest] = short.split('.');
  if (service === undefined || namespace === undefined || rest.length > 0) return undefined;
  return isLabel(service) && isLabel(namespace) ? { service, namespace } : undefined;
}

/** Of a full name, `svc.ns.svc.<domain of any cluster>`, or one that ends with `.svc`: its service and namespace. */
export function serviceInAnyDomain(
  host: string,
): { readonly service: string; readonly namespace: string } | undefined {
  const [service = '', namespace = '', svc] = host.split('.', 3);
  return svc === 'svc' && isLabel(service) && isLabel(namespace) ? { service, namespace } : undefined;
}

/** Whether `written`, in an object of `namespace`, means the service with the full name `host`. Istio itself completes only
 *  names without a dot; people also write `svc.ns` and `svc.ns.svc`, as Kubernetes' DNS has them. */
export function meansService(
  written: string,
  host: string,
  namespace: string,
  domain: string = usualDomain,
): boolean {
  if (written === host) return true;
  const named = serviceInHost(expandHost(written, namespace, domain), domain);
  return named !== undefined && serviceHost(named.service, named.namespace, domain) === host;
}

function isLabel(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
}

/** Whether a policy or service of `from` that is exported to `exportTo` (as written; empty: to all) is seen in `to`. */
export function isExportedTo(exportTo: readonly string[], from: string, to: string): boolean {
  if (exportTo.length === 0) return true;
  return exportTo.some((each) => each === '*' || each === to || (each === '.' && from === to));
}
