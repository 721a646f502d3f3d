import { isKeptFromSidecar } from '../k8s/captured-ports.ts';
import type { Resource } from '../model/resource.ts';
import { isGateway } from './gateway-account.ts';
import type { Inventory } from './inventory.ts';
import { workloadMode } from './peer-authentication.ts';
import { refusedBy } from './policy-caller.ts';
import type { Workload } from './workload.ts';

/** What a sidecar does to a plain-text connection, and the object that makes it so: STRICT resets it, a policy by identity
 *  answers 403. */
export interface PlaintextRefusal {
  readonly by: Resource;
  readonly how: 'reset' | 'denied';
}

/** Ports of the sidecar itself, which accept plaintext whatever policies say. */
const neverCaptured: ReadonlySet<number> = new Set([15020, 15021, 15090]);

/** Whether a caller outside the mesh is refused at a container port.
 *  @param path  what it asks for; undefined: not known, so that rules for health checks do not let it in
 *  @returns undefined: it is let in, or nobody can tell from what was read */
function refusalOf(
  workload: Workload,
  port: number,
  inventory: Inventory,
  path?: string,
): PlaintextRefusal | undefined {
  if (!isGuarded(workload, port, inventory)) return undefined;
  const strict = strictnessOf(workload, port, inventory);
  if (strict !== undefined) return { by: strict, how: 'reset' };
  const by = refusedBy('none', { ...workload, port, path }, inventory);
  return by === undefined ? undefined : { by, how: 'denied' };
}

/** Whether a sidecar surely stands before a container port. */
export function isGuarded(workload: Workload, port: number | undefined, inventory: Inventory): boolean {
  if (inventory.injectionOf(workload).isInjected !== true || isGateway(workload)) return false;
  return port === undefined || !(neverCaptured.has(port) || isKeptFromSidecar(workload.annotations, port));
}

/** The PeerAuthentication that makes a container port refuse plaintext, when that can be told. */
export function strictnessOf(
  workload: Pick<Workload, 'namespace' | 'labels'>,
  port: number | undefined,
  inventory: Inventory,
): Resource | undefined {
  const { mode, by, conflicting } = workloadMode(workload, port, inventory);
  return mode === 'STRICT' && conflicting.length === 0 ? by : undefined;
}

/** The first of some workloads that refuses a caller outside the mesh, and at which container port. */
export function refusalAt(
  workloads: readonly Workload[],
  portOf: (workload: Workload) => number | undefined,
  inventory: Inventory,
  path?: string,
): (PlaintextRefusal & { readonly workload: Workload; readonly port: number }) | undefined {
  for (const workload of workloads) {
    const port = portOf(workload);
    const refusal = port === undefined ? undefined : refusalOf(workload, port, inventory, path);
    if (port !== undefined && refusal !== undefined) return { ...refusal, workload, port };
  }
  return undefined;
}
