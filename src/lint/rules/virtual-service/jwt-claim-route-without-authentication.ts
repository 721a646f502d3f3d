import { isObject, listAt, objectAt, type JsonValue, type YamlPath } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { podNamespacesOf, podsOfGateway } from '../../../mesh/gateway-pods.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasLabels, labelsAt } from '../../../k8s/selector.ts';
import { virtualServicesOf } from '../../../mesh/virtual-services.ts';
import { mayHoldUnseenPolicies } from '../../../mesh/coverage.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'jwt-claim-route-without-authentication',
  severity: 'error',
  kinds: ['VirtualService', 'Gateway', 'RequestAuthentication'],
  summary: 'a route by JWT claim at a gateway that does not validate tokens',
  why: "Claims are available only if a RequestAuthentication for the gateway's pods, in their namespace, validates the token. Without one the match is never true, and requests fall through to the next route or get a 404. The rule applies only if the namespace of the gateway's pods was read.",
  fix: "Add a RequestAuthentication for the gateway's pods, in their namespace.",
  equivalent: ['IST0149'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0149/',
    'https://istio.io/latest/docs/tasks/security/authentication/jwt-route/',
  ],
  *check(inventory) {
    for (const { resource, gateways } of virtualServicesOf(inventory)) {
      const path = claimPath(resource);
      if (path === undefined) continue;
      for (const { isMesh, namespace, name, key } of gateways) {
        const gateway = isMesh ? undefined : inventory.find('Gateway', namespace, name);
        if (gateway === undefined) continue;
        const pods = namespacesJudged(gateway, inventory);
        if (pods.length === 0 || isChecked(gateway, pods, inventory)) continue;
        yield {
          resource,
          path,
          at: 'key',
          message: `No RequestAuthentication validates tokens at the gateway ${key}, so the claim is never available.`,
        };
        break;
      }
    }
  },
});

function claimPath({ spec }: Resource): YamlPath | undefined {
  for (const [at, route] of listAt(spec, 'http').entries())
    for (const [index, match] of listAt(route, 'match').entries())
      for (const field of ['headers', 'withoutHeaders']) {
        const name = claimIn(objectAt(match)[field]);
        if (name !== undefined) return ['spec', 'http', at, 'match', index, field, name];
      }
  return undefined;
}

function claimIn(headers: JsonValue | undefined): string | undefined {
  return isObject(headers)
    ? Object.keys(headers).find((name) => name.startsWith('@request.auth.claims'))
    : undefined;
}

/** The namespaces of the gateway's pods, as long as all their policies are in Git. */
function namespacesJudged(gateway: Resource, inventory: Inventory): readonly string[] {
  const found = [...podNamespacesOf(gateway, inventory)];
  return found.every((each) => inventory.isRead(each) && !mayHoldUnseenPolicies(each, inventory))
    ? found
    : [];
}

function isChecked(gateway: Resource, namespaces: readonly string[], inventory: Inventory): boolean {
  const known = [
    labelsAt(gateway.spec, 'selector'),
    ...podsOfGateway(gateway, inventory).map(({ labels }) => labels),
  ];
  return [...namespaces, inventory.settings.rootNamespace].some((namespace) =>
    inventory.inNamespace('RequestAuthentication', namespace).some(({ spec }) => {
      const refs = [...listAt(spec, 'targetRefs'), ...(isObject(spec.targetRef) ? [spec.targetRef] : [])];
      const wanted = labelsAt(spec, 'selector', 'matchLabels');
      return refs.length > 0 || known.some((labels) => hasLabels(labels, wanted));
    }),
  );
}
