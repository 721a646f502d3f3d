import { actionOf, portNumber, rulesOf, valuesIn } from '../../../mesh/policy-rule.ts';
import { workloadsUnder } from '../../../mesh/policy-scope.ts';
import { declaresPort, servedPorts } from '../../../mesh/served-port.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'policy-port-not-container-port',
  severity: 'error',
  kinds: ['AuthorizationPolicy', 'Service'],
  summary: 'an AuthorizationPolicy with a Service port instead of the container port',
  why: 'The sidecar enforces a policy on the port where the connection arrives: the Service’s `targetPort`. A rule for the Service’s `port` matches nothing: an ALLOW denies its callers (403), and a DENY blocks nobody.',
  fix: 'Use the container port.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/security/authorization-policy/#Operation'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      if (actionOf(resource) === 'CUSTOM') continue;
      const workloads = workloadsUnder(resource, inventory);
      if (workloads.length === 0) continue;
      for (const { operations } of rulesOf(resource))
        for (const { path, text } of valuesIn(operations, 'ports', 'notPorts')) {
          const wanted = portNumber(text);
          if (wanted === undefined || workloads.some((each) => declaresPort(each, wanted))) continue;
          const served = workloads.flatMap((each) => servedPorts(each, inventory));
          if (served.some(({ number }) => number === wanted)) continue;
          const leads = served.filter(({ port }) => port.number === wanted);
          const [first] = leads;
          if (first === undefined) continue;
          const targets = new Set(leads.map(({ number }) => number));
          yield {
            resource,
            path,
            message: `${text} is a port of the Service ${first.service.name}; its pods listen on ${[...targets].join(' and ')}.`,
            ...(targets.size === 1 && {
              fix: `Use "${String(first.number)}".`,
              edits: [{ op: 'set', path, value: String(first.number) }],
            }),
          };
        }
    }
  },
});
