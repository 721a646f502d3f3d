import { isObject } from '../../../model/json.ts';
import { says, specOf } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'policy-provider-action',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary:
    'an AuthorizationPolicy with a `provider` and another action than CUSTOM, or CUSTOM without a provider',
  why: 'A provider decides by asking another service, which only CUSTOM does, and CUSTOM can not do without. The webhook refuses the rest; the action is ALLOW when it is not written.',
  fix: 'Write `action: CUSTOM` and `provider: {name: …}` with a name from extensionProviders of the mesh, or delete the provider.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/tasks/security/authorization/authz-custom/'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      const { action = 'ALLOW', provider, rules } = resource.spec;
      if (typeof action !== 'string') continue;
      if (isObject(provider) && ['ALLOW', 'DENY', 'AUDIT'].includes(action))
        yield {
          resource,
          path: ['spec', 'provider'],
          at: 'key',
          message: `The action ${action} asks no provider.`,
        };
      const isNamed = isObject(provider) && says({ path: [], value: provider }, 'name');
      if (
        action === 'CUSTOM' &&
        !isNamed &&
        rules !== undefined &&
        rules !== null &&
        says(specOf(resource), 'action')
      )
        yield {
          resource,
          path: ['spec', 'action'],
          message: 'The action CUSTOM needs a provider with a name.',
        };
    }
  },
});
