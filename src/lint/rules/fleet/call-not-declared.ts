import type { Inventory } from '../../../mesh/inventory.ts';
import { fleetServices, fleetSpecs } from '../../facts/fleet-specs.ts';
import { isOfPlatform, serviceReferences, type ServiceReference } from '../../../mesh/service-references.ts';
import type { Workload } from '../../../mesh/workload.ts';
import { servicesOf } from '../../../mesh/served-port.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'call-not-declared',
  severity: 'warning',
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod', 'Rollout', 'ConfigMap'],
  summary: 'an application setting that names a service, without a declared call in the fleet file',
  why: 'Policies and Sidecar hosts are generated from the calls in the fleet file. A call that is missing there works until the namespace is enforced, and then fails with a 403 (RBAC: access denied) or a 502. The rule looks for service names in environment variables, arguments, probes and ConfigMaps. For a ConfigMap that no workload is known to read, the severity is info.',
  fix: 'Declare the call under `calls` of the calling service in the fleet file, or remove the setting.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/security/authorization-policy/'],
  *check(inventory) {
    if (inventory.fleet === undefined) return;
    for (const reference of serviceReferences(inventory)) {
      const { resource, path, namespace, service, text, readBy } = reference;
      if (!fleetSpecs(inventory).has(resource.namespace) || isOfPlatform(reference, inventory)) continue;
      const callers = readBy.length === 0 ? [undefined] : readBy;
      const undeclared = callers.find((caller) => !isDeclared(reference, caller, inventory));
      if (callers.every((caller) => isDeclared(reference, caller, inventory))) continue;
      const who = undeclared === undefined ? resource.namespace : `${resource.namespace}/${undeclared.name}`;
      yield {
        resource,
        path,
        ...(undeclared === undefined && { severity: 'info' }),
        message: `"${text}" looks like a call from ${who} to ${namespace}/${service}, which the fleet file does not declare.`,
        fix: `Declare it in the fleet file: calls: [${namespace === resource.namespace ? '' : `${namespace}/`}${service}${reference.port === undefined ? '' : `:${String(reference.port)}`}].`,
      };
    }
  },
});

function isDeclared(
  { resource, namespace, service, port }: ServiceReference,
  caller: Workload | undefined,
  inventory: Inventory,
): boolean {
  const specs = fleetSpecs(inventory);
  const names = caller === undefined ? undefined : namesOf(caller, inventory);
  // Its own name: for peers of the same workload, or for itself.
  if (namespace === resource.namespace && names?.has(service) === true) return true;
  const called = fleetServices(inventory, namespace).get(service);
  const declaredCallees = (specs.get(resource.namespace) ?? []).flatMap(({ callees }) => callees);
  if (called === undefined)
    return declaredCallees.some((each) => each.namespace === namespace && each.service === service);
  return (specs.get(namespace) ?? [])
    .flatMap(({ services }) => services.filter(({ name }) => name === service))
    .some(({ callers }) =>
      callers.some(
        (each) =>
          each.namespace === resource.namespace &&
          (port === undefined || each.ports.length === 0 || each.ports.includes(port)) &&
          (names === undefined ||
            each.serviceAccount === undefined ||
            each.serviceAccount === caller?.serviceAccount ||
            (each.service !== undefined && names.has(each.service))),
      ),
    );
}

/** The services that a workload answers for: those that select it, or the one it is called after. */
function namesOf(workload: Workload, inventory: Inventory): ReadonlySet<string> {
  return new Set([workload.name, ...servicesOf(workload, inventory).map(({ name }) => name)]);
}
