import type { YamlPath } from '../../model/json.ts';
import { keyOf } from '../../model/key-of.ts';
import { listIn } from '../../model/list-in.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import type { ServiceEntry } from '../../mesh/service.ts';
import { groupOf } from './unrelated.ts';

/** A ServiceEntry's port, for one of its hosts. */
export interface EntryClaim {
  readonly entry: ServiceEntry;
  readonly host: string;
  readonly hostIndex: number;
  readonly port: number;
  /** Of the port. */
  readonly path: YamlPath;
}

/** Two ServiceEntries that some namespace sees together, with different values for the same port of a host. */
interface Disagreement {
  readonly claim: EntryClaim;
  readonly other: EntryClaim;
}

interface Valued {
  readonly claim: EntryClaim;
  readonly order: number;
  readonly value: string;
  readonly group: string;
  /** The namespaces that see the entry; undefined: all. */
  readonly audience: readonly string[] | undefined;
}

/** The first claim that some namespaces see, and the first one with another value: one of the two differs from any value. */
interface FirstClaims {
  readonly first: Valued;
  different?: Valued;
}

/** For each claim, the first one with a different value that some namespace sees together with it.
 *  @param valueOf  undefined: not known, so that the claim is not compared */
export function* disagreements(
  inventory: Inventory,
  valueOf: (claim: EntryClaim) => string | undefined,
): Iterable<Disagreement> {
  for (const claims of inventory.once(claimsByPort).values()) {
    if (claims.length < 2) continue;
    const valued = claims.flatMap((claim, order) => valuedOf(claim, order, valueOf(claim)) ?? []);
    const seen = new Map<string, FirstClaims>();
    for (const each of valued) {
      note(seen, keyOf(each.group, 'any'), each);
      if (each.audience === undefined) note(seen, keyOf(each.group, 'public'), each);
      for (const namespace of each.audience ?? []) note(seen, keyOf(each.group, 'in', namespace), each);
    }
    for (const each of valued) {
      const other = otherThan(each, seen);
      if (other !== undefined) yield { claim: each.claim, other: other.claim };
    }
  }
}

function claimsByPort(inventory: Inventory): ReadonlyMap<string, readonly EntryClaim[]> {
  const found = new Map<string, EntryClaim[]>();
  for (const entry of inventory.serviceEntries)
    for (const [hostIndex, host] of entry.hosts.entries())
      for (const { number: port, path } of entry.ports) {
        const claims = listIn(found, keyOf(host, port));
        if (claims.at(-1)?.entry !== entry) claims.push({ entry, host, hostIndex, port, path });
      }
  return found;
}

function valuedOf(claim: EntryClaim, order: number, value: string | undefined): Valued | undefined {
  if (value === undefined) return undefined;
  const { exportTo, namespace, resource } = claim.entry;
  const isPublic = exportTo.length === 0 || exportTo.includes('*');
  const audience = isPublic ? undefined : exportTo.map((each) => (each === '.' ? namespace : each));
  return { claim, order, value, group: groupOf(resource), audience };
}

function note(seen: Map<string, FirstClaims>, key: string, each: Valued): void {
  const known = seen.get(key);
  if (known === undefined) seen.set(key, { first: each });
  else if (known.first.value !== each.value) known.different ??= each;
}

function otherThan(
  { group, audience, value }: Valued,
  seen: ReadonlyMap<string, FirstClaims>,
): Valued | undefined {
  const keys =
    audience === undefined
      ? [keyOf(group, 'any')]
      : [keyOf(group, 'public'), ...audience.map((namespace) => keyOf(group, 'in', namespace))];
  let found: Valued | undefined;
  for (const key of keys) {
    const known = seen.get(key);
    const other = known?.first.value === value ? known.different : known?.first;
    if (other !== undefined && (found === undefined || other.order < found.order)) found = other;
  }
  return found;
}
