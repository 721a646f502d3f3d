import { agreed, fleetSpecs } from '../../facts/fleet-specs.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'service-account-differs-from-fleet',
  severity: 'error',
  kinds: ['Service'],
  summary: 'pods that run as another ServiceAccount than the fleet file says',
  why: 'A workload’s identity in the mesh is its ServiceAccount, and policies are made from the one in the fleet file. When the pods run as another, every callee refuses their calls with 403 as soon as its policies are in force.',
  fix: 'Correct `serviceAccount` of the service in the fleet file, or `serviceAccountName` of the workload.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/concepts/security/#istio-identity',
    'https://istio.io/latest/docs/reference/config/security/authorization-policy/',
  ],
  *check(inventory) {
    for (const service of inventory.services) {
      const specs = fleetSpecs(inventory).get(service.namespace) ?? [];
      const wanted = agreed(
        specs,
        ({ services }) => services.find(({ name }) => name === service.name)?.serviceAccount,
      );
      if (wanted === undefined) continue;
      for (const { resource, templatePath, podSpec, serviceAccount } of inventory.workloadsOf(service)) {
        if (serviceAccount === wanted || hasPlaceholder(serviceAccount)) continue;
        const key = ['serviceAccountName', 'serviceAccount'].find((each) => podSpec[each] !== undefined);
        yield {
          resource,
          path: [...templatePath, 'spec', ...(key === undefined ? [] : [key])],
          at: key === undefined ? 'key' : 'value',
          message: `The pods of ${service.name} run as ${serviceAccount}, and the fleet file says ${wanted}.`,
        };
      }
    }
  },
});
