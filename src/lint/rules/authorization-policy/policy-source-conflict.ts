import { listed, partsIn, saying, specOf } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'policy-source-conflict',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'a source with `serviceAccounts` and, beside them, `principals` or `namespaces`',
  why: 'All three say who calls, in different words, and both the CRD and the webhook refuse to combine the first with the others. A service account names its namespace itself: `shop/frontend`.',
  fix: 'Write everything as `serviceAccounts`, or put the other field into an entry of its own: entries of `from` are alternatives.',
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
          message: `${listed(others)} can't stand beside ${listed(accounts)}.`,
        };
      }
  },
});
