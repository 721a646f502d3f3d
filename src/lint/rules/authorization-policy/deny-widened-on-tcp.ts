import { partsIn, specOf, type Part } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

/** What a proxy knows of a connection that is not HTTP. */
const ofConnections = [
  'principals',
  'notPrincipals',
  'namespaces',
  'notNamespaces',
  'serviceAccounts',
  'notServiceAccounts',
].concat(['ipBlocks', 'notIpBlocks', 'remoteIpBlocks', 'notRemoteIpBlocks']);

export default rule({
  id: 'deny-widened-on-tcp',
  severity: 'warning',
  kinds: ['AuthorizationPolicy'],
  summary: 'a DENY rule with only HTTP attributes',
  why: 'On a port that is not HTTP (a database, a queue, or an HTTP port that does not declare its protocol), Istio does not know paths, methods and hosts. To be safe, it drops them from a DENY rule, and what is left of this rule denies every connection to such ports of the workloads it selects.',
  fix: 'List the HTTP ports in `ports`, or the callers in `from`.',
  equivalent: ['IST0133'],
  see: ['https://istio.io/latest/docs/tasks/security/authorization/authz-tcp/'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      if (resource.spec.action !== 'DENY') continue;
      for (const part of partsIn(specOf(resource), 'rules')) {
        const froms = [...partsIn(part, 'from', 'source')];
        const tos = [...partsIn(part, 'to', 'operation')];
        const isHttp = tos.length > 0 ? !tos.some(namesPorts) : froms.length > 0 && !froms.some(namesCallers);
        if (isHttp)
          yield {
            resource,
            path: part.path,
            message:
              'The rule only uses HTTP attributes, so on ports that are not HTTP it denies every connection.',
          };
      }
    }
  },
});

function namesPorts({ value }: Part): boolean {
  return ['ports', 'notPorts'].some((field) => value[field] !== undefined && value[field] !== null);
}

function namesCallers({ value }: Part): boolean {
  return ofConnections.some((field) => value[field] !== undefined && value[field] !== null);
}
