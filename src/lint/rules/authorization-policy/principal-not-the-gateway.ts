import { gatewaysMeantBy } from '../../../mesh/gateway-account.ts';
import { principalsIn } from '../../../mesh/policy-rule.ts';
import { parsePrincipal } from '../../../k8s/principal.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'principal-not-the-gateway',
  severity: 'error',
  kinds: ['AuthorizationPolicy', 'HelmRelease', 'IstioOperator'],
  summary: 'an AuthorizationPolicy whose principal is not the ServiceAccount of the ingress gateway',
  why: 'The ServiceAccount depends on how the gateway was installed: `istio-ingressgateway-service-account` with the older chart and `istioctl`, the name of the Helm release with the `gateway` chart. The namespace differs too. With the wrong one, every request through the gateway gets 403 `RBAC: access denied`, although the policy looks like the documented one.',
  fix: 'Use the ServiceAccount of the installed gateway.',
  equivalent: ['KIA0106'],
  see: [
    'https://istio.io/latest/docs/setup/additional-setup/gateway/',
    'https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source',
  ],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy'))
      for (const { path, text } of principalsIn(resource)) {
        const principal = parsePrincipal(text);
        const meant = principal === undefined ? undefined : gatewaysMeantBy(principal, inventory);
        const [first, ...more] = meant ?? [];
        if (principal === undefined || first === undefined) continue;
        const right = `${principal.trustDomain}/ns/${first.namespace}/sa/${first.serviceAccount}`;
        yield {
          resource,
          path,
          message: `The gateway does not run as ${principal.namespace}/${principal.serviceAccount}: ${first.by} installs it as ${first.namespace}/${first.serviceAccount}.`,
          fix: `Use ${right}.`,
          ...(more.length === 0 && { edits: [{ op: 'set', path, value: right }] }),
        };
      }
  },
});
