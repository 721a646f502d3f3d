type Annotations = Readonly<Record<string, string>>;

type PortList =
  'includeInboundPorts' | 'excludeInboundPorts' | 'includeOutboundPorts' | 'excludeOutboundPorts';

const none: ReadonlySet<number> = new Set();

/** The ports that an annotation `traffic.sidecar.istio.io/…` lists. What is not a port does not count: the injector refuses
 *  pods for it.
 *  @see https://istio.io/latest/docs/reference/config/annotations/ */
export function portsListed(annotations: Annotations, list: PortList): ReadonlySet<number> {
  const text = annotations[`traffic.sidecar.istio.io/${list}`];
  if (text === undefined) return none;
  const ports = text.split(',').map((each) => each.trim());
  return new Set(ports.filter((each) => /^\d{1,5}$/.test(each)).map(Number));
}

/** Whether annotations of a pod keep what comes in on a port from its sidecar. */
export function isKeptFromSidecar(annotations: Annotations, port: number): boolean {
  const included = annotations['traffic.sidecar.istio.io/includeInboundPorts']?.trim();
  // What is neither ports nor a star is still to be filled in, or refused by the injector.
  if (included !== undefined && /^[\d,\s]*$/.test(included))
    return !portsListed(annotations, 'includeInboundPorts').has(port);
  return portsListed(annotations, 'excludeInboundPorts').has(port);
}
