import { nearMiss } from '../../facts/near-miss.ts';
import { conditionValues, rulesOf, valuesIn } from '../../../mesh/policy-rule.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { rule } from '../../rule.ts';

/** Namespaces that clusters and platforms bring along. */
const usual = /^(?:default$|kube-|istio-)|ingress|gateway|monitoring|observability/;

export default rule({
  id: 'policy-source-namespace-missing',
  severity: 'error',
  kinds: ['AuthorizationPolicy', 'Namespace'],
  summary: 'an AuthorizationPolicy that names a namespace of callers which does not exist',
  why: 'The namespace is compared with the caller’s certificate, so a misspelt one matches nobody: an ALLOW refuses the callers it was written for (403), a DENY stops nobody. A name that only is not among the Namespaces read may be made elsewhere, and is told as information; where no Namespace manifest was read, nothing is said.',
  fix: 'Name the namespace the callers’ pods run in.',
  equivalent: ['IST0101', 'KIA0101'],
  see: ['https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source'],
  *check(inventory) {
    const names = inventory.of('Namespace').map(({ name }) => name);
    for (const resource of inventory.of('AuthorizationPolicy'))
      for (const { sources, conditions } of rulesOf(resource)) {
        const values = [
          ...valuesIn(sources, 'namespaces', 'notNamespaces'),
          ...conditionValues(conditions, 'source.namespace'),
        ];
        for (const { path, text } of values) {
          if (text.includes('*') || text === '' || isKnown(text, inventory)) continue;
          const meant = nearMiss(text, names);
          const isPlatform = names.some((name) => name !== resource.namespace);
          if (meant === undefined && (!isPlatform || usual.test(text))) continue;
          yield {
            resource,
            path,
            message: `The namespace "${text}" is not among those read${meant === undefined ? '' : `; "${meant}" is`}.`,
            ...(meant === undefined ? { severity: 'info' } : { fix: `Write ${meant}.` }),
          };
        }
      }
  },
});

function isKnown(name: string, inventory: Inventory): boolean {
  if (inventory.namespace(name) !== undefined || inventory.isRead(name)) return true;
  return (inventory.fleet?.fleet.targets ?? []).some(
    (target) => target.kind === 'namespace' && target.namespace === name,
  );
}
