import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';
import { workloadMode } from './peer-authentication.ts';
import { isForHealthChecks, needsIdentity, portsOf, rulesOf, type PolicyRule } from './policy-rule.ts';
import { policiesOn } from './policy-scope.ts';
import { matchesPattern } from './principal.ts';
import type { Workload } from './workload.ts';
import { stringsAt } from '../model/json.ts';

/** What a sidecar does to a plain-text connection to one container port, and the object that makes it so. */
export interface Refusal {
  readonly by: Resource;
  readonly how: 'reset' | 'denied';
}

/** Ports of the sidecar itself, which it answers in plain text whatever policies say. */
const neverCaptured: ReadonlySet<number> = new Set([15020, 15021, 15090]);

/** Whether a caller outside the mesh is refused at a container port.
 *  @param path  what it asks for; undefined: not known, so that rules for health checks do not let it in
 *  @returns undefined: it is let in, or nobody can tell from what was read */
export function refusalOf(
  workload: Workload,
  port: number,
  inventory: Inventory,
  path?: string,
): Refusal | undefined {
  if (inventory.injectionOf(workload).isInjected !== true) return undefined;
  if (neverCaptured.has(port) || isExcluded(workload, port)) return undefined;
  const { mode, by, rivals } = workloadMode(workload, port, inventory);
  if (mode === 'STRICT' && by !== undefined && rivals.length === 0) return { by, how: 'reset' };
  const allowing = policiesOn(workload, 'ALLOW', inventory);
  const [first] = allowing;
  if (first === undefined) return undefined;
  const mayPass = allowing.some((policy) => rulesOf(policy).some((rule) => mayAdmit(rule, port, path)));
  return mayPass ? undefined : { by: first, how: 'denied' };
}

function mayAdmit(rule: PolicyRule, port: number, path: string | undefined): boolean {
  if (needsIdentity(rule)) return false;
  const ports = portsOf(rule);
  if (ports !== undefined && !ports.has(port)) return false;
  if (path === undefined) return !isForHealthChecks(rule);
  const patterns = rule.operations.map(({ value }) => stringsAt(value, 'paths'));
  return (
    patterns.length === 0 ||
    patterns.some(
      (each) => each.length === 0 || each.some((one) => one.includes('{') || matchesPattern(one, path)),
    )
  );
}

/** Whether a pod's annotations keep a port from its sidecar.
 *  @see https://istio.io/latest/docs/reference/config/annotations/ */
export function isExcluded({ annotations }: Workload, port: number): boolean {
  const list = (key: string) => (annotations[key] ?? '').split(',').map((each) => each.trim());
  const included = annotations['traffic.sidecar.istio.io/includeInboundPorts'];
  if (included !== undefined && included.trim() !== '*' && !included.includes('$'))
    return !list('traffic.sidecar.istio.io/includeInboundPorts').includes(String(port));
  return list('traffic.sidecar.istio.io/excludeInboundPorts').includes(String(port));
}

/** The first workload and container port of a Service port at which a caller outside the mesh is refused. */
export function refusalAt(
  workloads: readonly Workload[],
  portOf: (workload: Workload) => number | undefined,
  inventory: Inventory,
  path?: string,
): (Refusal & { readonly workload: Workload; readonly port: number }) | undefined {
  for (const workload of workloads) {
    const port = portOf(workload);
    const refusal = port === undefined ? undefined : refusalOf(workload, port, inventory, path);
    if (port !== undefined && refusal !== undefined) return { ...refusal, workload, port };
  }
  return undefined;
}
