import { gatewaysMeantBy } from '../../../mesh/gateway-account.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { nearMiss } from '../../facts/near-miss.ts';
import { conditionValues, principalsIn, rulesOf, valuesIn } from '../../../mesh/policy-rule.ts';
import { parsePrincipal, parseServiceAccount } from '../../../k8s/principal.ts';
import { serviceAccountsIn } from '../../../mesh/service-accounts.ts';
import type { Resource } from '../../../model/resource.ts';
import type { YamlPath } from '../../../model/json.ts';
import { knowsPodsOf } from '../../../mesh/coverage.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'principal-unknown-account',
  severity: 'error',
  kinds: ['AuthorizationPolicy', 'ServiceAccount'],
  summary: 'an AuthorizationPolicy with a ServiceAccount that does not exist',
  why: 'A principal is `<trust domain>/ns/<namespace>/sa/<ServiceAccount>`, with the ServiceAccount that the caller’s pods run as, not the name of its Deployment or Service. One that does not exist matches nobody: callers get 403 `RBAC: access denied`. The rule checks only namespaces whose workloads were read, and skips those where a Helm release or an operator may create more accounts.',
  fix: 'Use the `serviceAccountName` of the caller’s pods; `default` if they set none.',
  equivalent: ['KIA0106'],
  see: [
    'https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy'))
      for (const { path, namespace, serviceAccount } of accountsIn(resource)) {
        if (!knowsPodsOf(namespace, inventory)) continue;
        if (gatewaysMeantBy({ namespace, serviceAccount }, inventory) !== undefined) continue;
        const accounts = serviceAccountsIn(namespace, inventory);
        if (accounts.has(serviceAccount)) continue;
        const runsAs = accountsOfWorkload(serviceAccount, namespace, inventory);
        const meant = runsAs ?? nearMiss(serviceAccount, accounts).name;
        yield {
          resource,
          path,
          message:
            runsAs === undefined
              ? `No ServiceAccount "${serviceAccount}" was read in ${namespace}, and no workload read there runs as it.`
              : `"${serviceAccount}" is a workload in ${namespace}; its pods run as the ServiceAccount "${runsAs}".`,
          ...(meant !== undefined && { fix: `Use ${meant}.` }),
          // Another repository may create accounts in a namespace other than the policy's own.
          ...(meant === undefined && namespace !== resource.namespace && { severity: 'warning' }),
        };
      }
  },
});

interface NamedAccount {
  readonly path: YamlPath;
  readonly namespace: string;
  readonly serviceAccount: string;
}

function* accountsIn(policy: Resource): Iterable<NamedAccount> {
  for (const { path, text } of principalsIn(policy)) {
    const principal = parsePrincipal(text);
    if (principal !== undefined) yield { path, ...principal };
  }
  for (const { sources, conditions } of rulesOf(policy)) {
    const values = [
      ...valuesIn(sources, 'serviceAccounts', 'notServiceAccounts'),
      ...conditionValues(conditions, 'source.serviceAccount'),
    ];
    for (const { path, text } of values) {
      const account = parseServiceAccount(text, policy.namespace);
      if (account !== undefined) yield { path, ...account };
    }
  }
}

function accountsOfWorkload(name: string, namespace: string, inventory: Inventory): string | undefined {
  return inventory.workloadsIn(namespace).find((workload) => workload.name === name)?.serviceAccount;
}
