import { stringAt } from '../../../model/json.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { actionOf } from '../../../mesh/policy-rule.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'custom-provider-unknown',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'a CUSTOM policy whose provider the mesh does not define',
  why: 'The provider must be an entry in `meshConfig.extensionProviders`. If there is none with that name, Istio denies every request the policy applies to with a 403. The rule reports nothing if the mesh’s providers were not read.',
  fix: 'Define the provider in `meshConfig.extensionProviders`, or use an existing one.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/tasks/security/authorization/authz-custom/'],
  *check(inventory) {
    const { providers } = inventory.settings;
    if (providers === undefined) return;
    for (const resource of inventory.of('AuthorizationPolicy')) {
      if (actionOf(resource) !== 'CUSTOM') continue;
      const name = stringAt(resource.spec, 'provider', 'name');
      if (name === undefined || hasPlaceholder(name) || providers.includes(name)) continue;
      yield {
        resource,
        path: ['spec', 'provider', 'name'],
        message: `The mesh has no extension provider "${name}"${providers.length === 0 ? '' : `, only ${providers.join(', ')}`}.`,
      };
    }
  },
});
