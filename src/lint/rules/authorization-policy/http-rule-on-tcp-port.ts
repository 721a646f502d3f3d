import { isHttp } from '../../../k8s/protocol.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { actionOf, httpFields, portsOf, rulesOf } from '../../../mesh/policy-rule.ts';
import { workloadsUnder } from '../../../mesh/policy-scope.ts';
import { servedPorts, type ServedPort } from '../../../mesh/served-port.ts';
import type { Resource } from '../../../model/resource.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'http-rule-on-tcp-port',
  severity: 'warning',
  kinds: ['AuthorizationPolicy', 'Service'],
  summary: 'an AuthorizationPolicy with HTTP attributes on a port that the mesh does not treat as HTTP',
  why: 'On a port that the Service declares as tcp, tls or https, the proxy sees bytes, not requests. There, Istio ignores an ALLOW rule with HTTP attributes, so its callers are denied. From a DENY rule it drops these attributes, so the rule denies every connection that the rest matches: to a database in the same namespace, for instance.',
  fix: 'Declare the protocol of the port (name it `http-…`, or set appProtocol), or limit the rule to HTTP ports with `ports`.',
  equivalent: ['IST0133'],
  see: [
    'https://istio.io/latest/docs/tasks/security/authorization/authz-tcp/',
    'https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      const action = actionOf(resource);
      if (action !== 'ALLOW' && action !== 'DENY') continue;
      const rules = rulesOf(resource).filter((each) => httpFields(each).length > 0);
      const ports = rules.length === 0 ? [] : portsUnder(resource, inventory);
      for (const each of rules) {
        const [path] = httpFields(each);
        const named = portsOf(each);
        const meant = ports.filter(({ number }) => named?.has(number) ?? true);
        const opaque = meant.find(({ port }) => isHttp(port.protocol) === false);
        if (path === undefined || opaque === undefined) continue;
        const { port, service } = opaque;
        const what = `port ${String(port.number)} of the Service ${service.name} is ${port.protocol}, not HTTP`;
        if (action === 'DENY')
          yield {
            resource,
            path,
            at: 'key',
            severity: 'error',
            message: `The DENY rule blocks every connection, whatever its HTTP attributes say: ${what}.`,
          };
        else if (meant.every((one) => isHttp(one.port.protocol) === false))
          yield {
            resource,
            path,
            at: 'key',
            message: `Istio ignores this rule, so it allows nobody: ${what}.`,
          };
      }
    }
  },
});

/** Ports of applications that a policy is for; none when some are not known. */
function portsUnder(policy: Resource, inventory: Inventory): readonly ServedPort[] {
  const found: ServedPort[] = [];
  for (const workload of workloadsUnder(policy, inventory)) {
    // Gateway objects decide which protocols the pods of a gateway serve.
    if (workload.containers.some(({ name }) => name === 'istio-proxy')) return [];
    if (workload.isJob || inventory.injectionOf(workload).isInjected === false) continue;
    const ports = servedPorts(workload, inventory);
    if (ports.length === 0 && actionOf(policy) === 'ALLOW') return [];
    found.push(...ports.filter(({ port }) => port.protocol !== 'udp'));
  }
  return found;
}
