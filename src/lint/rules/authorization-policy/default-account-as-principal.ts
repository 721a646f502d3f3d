import { actionOf, principalsIn } from '../../../mesh/policy-rule.ts';
import { parsePrincipal } from '../../../k8s/principal.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'default-account-as-principal',
  severity: 'warning',
  kinds: ['AuthorizationPolicy'],
  summary: 'an AuthorizationPolicy that allows the `default` ServiceAccount, which several workloads share',
  why: 'Pods without a ServiceAccount of their own all run as `default`, and the mesh can’t tell them apart: allowing one allows all of them, including any added later.',
  fix: 'Give the caller its own ServiceAccount, and allow that one.',
  equivalent: [],
  see: [
    'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/',
    'https://istio.io/latest/docs/concepts/security/#istio-identity',
  ],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      if (actionOf(resource) !== 'ALLOW') continue;
      for (const { path, text } of principalsIn(resource)) {
        const principal = parsePrincipal(text);
        if (principal?.serviceAccount !== 'default' || path.at(-2) !== 'principals') continue;
        const sharing = inventory
          .workloadsIn(principal.namespace)
          .filter(({ serviceAccount }) => serviceAccount === 'default');
        if (sharing.length < 2) continue;
        const names = [...new Set(sharing.map(({ name }) => name))];
        yield {
          resource,
          path,
          message: `The workloads ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' and others' : ''} in ${principal.namespace} all run as this ServiceAccount.`,
        };
      }
    }
  },
});
