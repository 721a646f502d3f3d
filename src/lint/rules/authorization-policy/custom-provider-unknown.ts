import { stringAt } from '../../../model/json.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { actionOf } from '../../../mesh/policy-rule.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'custom-provider-unknown',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'a CUSTOM policy whose provider the mesh does not define',
  why: 'The provider is an entry of `meshConfig.extensionProviders`. When there is none of that name, Istio can’t ask anybody and refuses every request the policy is about: 403. Nothing is said where the mesh’s providers were not read.',
  fix: 'Define the provider in `meshConfig.extensionProviders`, or name one that is there.',
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
