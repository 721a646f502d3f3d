import type { Resource } from '../model/resource.ts';
import { hasLabels } from '../k8s/selector.ts';
import { gatewayAccounts } from './gateway-account.ts';
import { podsOfGateway, selectorOf } from './gateway-pods.ts';
import type { Inventory } from './inventory.ts';

/** Who the pods are that a Gateway configures. */
export interface ProxyIdentity {
  readonly podNamespace: string;
  /** undefined: not known. */
  readonly serviceAccount: string | undefined;
}

/** The pods of a Gateway: as the fleet declares the shared one; as workloads that it selects; as a chart installs them.
 *  Several, where it selects several; none: nothing that was read makes its pods. */
export function identitiesOf(gateway: Resource, inventory: Inventory): readonly ProxyIdentity[] {
  return inventory.once(findIdentities, gateway);
}

function findIdentities(gateway: Resource, inventory: Inventory): readonly ProxyIdentity[] {
  const key = `${gateway.namespace}/${gateway.name}`;
  const declared = (inventory.settings.gateways ?? []).filter((each) => each.gateway === key);
  if (declared.length > 0) return declared;
  const selector = selectorOf(gateway, inventory);
  const pods = podsOfGateway(gateway, inventory);
  const found = new Map<string, ProxyIdentity>();
  for (const { namespace, service, labels } of pods) {
    const workloads =
      service === undefined
        ? inventory.workloadsWith(namespace, labels).filter((each) => hasLabels(each.labels, selector))
        : [];
    const accounts =
      service === undefined
        ? workloads.map(({ serviceAccount }) => serviceAccount)
        : gatewayAccounts(inventory)
            .filter((each) => each.namespace === namespace)
            .map(({ serviceAccount }) => serviceAccount)
            .filter((account) => account === service || account === `${service}-service-account`);
    for (const serviceAccount of accounts.length > 0 ? accounts : [undefined])
      found.set(`${namespace} ${serviceAccount ?? ''}`, { podNamespace: namespace, serviceAccount });
  }
  return [...found.values()];
}
