import { nearMiss } from '../../facts/near-miss.ts';
import { conditionValues, rulesOf, valuesIn } from '../../../mesh/policy-rule.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { rule } from '../../rule.ts';

/** Namespaces that clusters and platforms usually create. */
const usual = /^(?:default$|kube-|istio-)|ingress|gateway|monitoring|observability/;
const wellKnown =
  /^(?:default|kube-(?:system|public|node-lease)|istio-(?:system|ingress|egress|gateways?|operator)|ingress-nginx|monitoring|observability)$/;

export default rule({
  id: 'policy-source-namespace-missing',
  severity: 'error',
  kinds: ['AuthorizationPolicy', 'Namespace'],
  summary: 'an AuthorizationPolicy whose source namespace does not exist',
  why: 'The namespace is compared with the caller’s certificate, so a misspelled one matches nobody: an ALLOW denies the callers it was written for (403), and a DENY blocks nobody. A namespace that was not read may be created elsewhere, so its severity is info unless it looks misspelled. If no Namespace manifest was read, the rule reports nothing.',
  fix: 'Use the namespace in which the callers’ pods run.',
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
          const { name: meant, isCertain } = nearMiss(text, names);
          const isPlatform = names.some((name) => name !== resource.namespace);
          const isUsual = isCertain ? usual.test(text) : wellKnown.test(text);
          if (meant === undefined && (!isPlatform || isUsual)) continue;
          const hint = isCertain ? '' : ', and only some similar names were compared with it';
          yield {
            resource,
            path,
            message: `The namespace "${text}" was not read${meant === undefined ? hint : `; "${meant}" exists`}.`,
            ...(meant === undefined ? { severity: 'info' } : { fix: `Use ${meant}.` }),
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
