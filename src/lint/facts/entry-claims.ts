import { keyOf } from '../../model/key-of.ts';
import type { YamlPath } from '../../model/json.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import type { ServiceEntry } from '../../mesh/service.ts';
import { mayBeStrangers } from './strangers.ts';

/** A ServiceEntry's port, for one of its hosts. */
export interface EntryClaim {
  readonly entry: ServiceEntry;
  /** Of the port. */
  readonly path: YamlPath;
  /** Claims of other entries that some namespace sees together with this one; a few are enough. */
  readonly rivals: readonly EntryClaim[];
}

export interface ClaimedPort {
  readonly host: string;
  readonly port: number;
  /** Two or more, each with a rival. */
  readonly claims: readonly EntryClaim[];
}

/** More entries for one port than this are compared with the first ones only. */
const maxCompared = 16;

/** The hosts and ports that several ServiceEntries have. */
export function claimsOf(inventory: Inventory): readonly ClaimedPort[] {
  return inventory.once(computeClaims);
}

function computeClaims(inventory: Inventory) {
  const byPort = new Map<string, { host: string; port: number; claims: Omit<EntryClaim, 'rivals'>[] }>();
  for (const entry of inventory.serviceEntries)
    for (const host of new Set(entry.hosts))
      for (const { number: port, path } of entry.ports) {
        const key = keyOf(host, port);
        const known = byPort.get(key) ?? { host, port, claims: [] };
        if (known.claims.at(-1)?.entry !== entry) known.claims.push({ entry, path });
        byPort.set(key, known);
      }
  return [...byPort.values()].flatMap(({ host, port, claims }) => {
    const found = contested(claims);
    return found.length > 1 ? [{ host, port, claims: found }] : [];
  });
}

function contested(claims: readonly Omit<EntryClaim, 'rivals'>[]): readonly EntryClaim[] {
  const all = claims.map((claim) => ({ ...claim, rivals: [] as EntryClaim[] }));
  for (const claim of all)
    for (const other of all.slice(0, maxCompared))
      if (other !== claim && meet(claim.entry, other.entry)) claim.rivals.push(other);
  return all.filter(({ rivals }) => rivals.length > 0);
}

/** Whether some namespace sees both entries. */
function meet(one: ServiceEntry, other: ServiceEntry): boolean {
  if (mayBeStrangers(one.resource, other.resource)) return false;
  const [first, second] = [audience(one), audience(other)];
  if (first === undefined || second === undefined) return true;
  return first.some((namespace) => second.includes(namespace));
}

/** The namespaces that see an entry; undefined: all. */
function audience({ exportTo, namespace }: ServiceEntry): readonly string[] | undefined {
  if (exportTo.length === 0 || exportTo.includes('*')) return undefined;
  return exportTo.map((each) => (each === '.' ? namespace : each));
}
