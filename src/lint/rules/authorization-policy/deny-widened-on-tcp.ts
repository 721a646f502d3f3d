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
  summary: 'a DENY rule with nothing but attributes of HTTP',
  why: 'On a port that is not HTTP (database, queue, or an HTTP port that lacks its name) paths, methods and hosts are unknown. Istio leaves them out of a DENY rule to be safe, and what remains of this one denies every connection to such ports of the workloads it selects.',
  fix: 'Name the HTTP ports in `ports`, or the callers in `from`.',
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
              'The rule tells requests apart by HTTP alone: on ports that are not HTTP, it denies every connection.',
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
