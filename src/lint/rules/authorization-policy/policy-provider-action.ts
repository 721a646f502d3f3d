import { isObject } from '../../../model/json.ts';
import { says, specOf } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'policy-provider-action',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'an AuthorizationPolicy with a `provider` but not the action CUSTOM, or CUSTOM without a provider',
  why: "Only a CUSTOM policy asks an external provider, and it can't work without one. The webhook rejects any other combination. The default action is ALLOW.",
  fix: 'Set `action: CUSTOM` and `provider: {name: …}` with a name from the mesh’s extensionProviders, or remove the provider.',
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
          message: `The policy sets a provider, but the action ${action} does not use one.`,
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
          message: 'The action CUSTOM requires a provider with a name.',
        };
    }
  },
});
