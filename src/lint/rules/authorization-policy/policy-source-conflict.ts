import { listed, partsIn, saying, specOf } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'policy-source-conflict',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'a source that combines `serviceAccounts` with `principals` or `namespaces`',
  why: 'All three identify the caller, and both the CRD and the webhook reject `serviceAccounts` together with either of the others. A service account includes its namespace: `shop/frontend`.',
  fix: 'Use only `serviceAccounts`, or move the other field to its own entry: entries of `from` are alternatives.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy'))
      for (const source of partsIn(specOf(resource), 'rules', 'from', 'source')) {
        const accounts = saying(source, 'serviceAccounts', 'notServiceAccounts');
        const others = saying(source, 'principals', 'notPrincipals', 'namespaces', 'notNamespaces');
        if (accounts[0] === undefined || others[0] === undefined) continue;
        yield {
          resource,
          path: [...source.path, others[0]],
          at: 'key',
          message: `${listed(others)} can't be combined with ${listed(accounts)}.`,
        };
      }
  },
});
