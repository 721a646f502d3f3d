import type { ExternalCallSpec, PortProtocol, PortSpec } from '../model/fleet.ts';
import { portProtocols } from '../k8s/protocol.ts';
import type { NamespaceEntry, FleetServiceEntry } from './schema.ts';

type PortEntry = NonNullable<FleetServiceEntry['ports']>[number];
type ExternalEntry = NonNullable<NamespaceEntry['external']>[number];

/** A port of the file, in any of its three forms. */
export function portOf(entry: PortEntry): PortSpec {
  if (typeof entry === 'number') return { number: entry, protocol: 'http', targetPort: undefined };
  if (typeof entry === 'string') return { ...shorthand(entry), targetPort: undefined };
  return { number: entry.number, protocol: entry.protocol ?? 'http', targetPort: entry.targetPort };
}

/** Ports of an external host; 443 is https and 80 http unless said otherwise, others must say. */
export function externalPorts(entry: ExternalEntry): ExternalCallSpec['ports'] {
  return (entry.ports ?? [443]).map((port) =>
    typeof port === 'number'
      ? { number: port, protocol: port === 443 ? 'https' : port === 80 ? 'http' : 'tls' }
      : shorthand(port),
  );
}

function shorthand(text: string): { readonly number: number; readonly protocol: PortProtocol } {
  const [number = '', name = ''] = text.split('/');
  return { number: Number(number), protocol: portProtocols.find((each) => each === name) ?? 'http' };
}

/** Protocols by which Istio cannot tell one host from another, except by address.
 *  @see https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/ */
export const opaqueProtocols: ReadonlySet<PortProtocol> = new Set(['tcp', 'mongo', 'mysql', 'redis']);
