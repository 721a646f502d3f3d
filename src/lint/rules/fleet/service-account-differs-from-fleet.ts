import { agreed, fleetSpecs } from '../../facts/fleet-specs.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'service-account-differs-from-fleet',
  severity: 'error',
  kinds: ['Service'],
  summary: 'pods that run as a different ServiceAccount than the fleet file declares',
  why: 'A workload’s identity in the mesh is its ServiceAccount, and policies are generated from the one in the fleet file. If the pods run as a different one, every callee denies their calls with a 403 once its policies are enforced.',
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
          message: `The pods of ${service.name} run as ${serviceAccount}, but the fleet file declares ${wanted}.`,
        };
      }
    }
  },
});
