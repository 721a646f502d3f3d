import { objectAt, stringAt, listAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { serviceInHost } from '../k8s/host.ts';
import { controllersFor, type IngressController } from './ingress-controller.ts';
import type { Inventory } from './inventory.ts';

/** Who the proxies of a Kubernetes Gateway are. */
type GatewayProxies =
  /** Istio's: it makes a Deployment for each Gateway, or uses the pods of the Service that the Gateway names. */
  | { readonly kind: 'mesh'; readonly namespace: string; readonly serviceAccount: string }
  | { readonly kind: 'other'; readonly controllers: readonly IngressController[] }
  | { readonly kind: 'unknown'; readonly why: string };

const istio = 'istio.io/gateway-controller';

/** @see https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#deployment-methods */
export function proxiesOf(gateway: Resource, inventory: Inventory): GatewayProxies {
  const name = stringAt(gateway.spec, 'gatewayClassName') ?? '';
  const declared = inventory.find('GatewayClass', '', name);
  const controller = stringAt(declared?.spec, 'controllerName') ?? (name === 'istio' ? istio : undefined);
  if (controller === istio) return ofIstio(gateway, name, inventory);
  if (controller === 'istio.io/mesh-controller' || controller === 'istio.io/unmanaged-gateway')
    return { kind: 'unknown', why: `the class ${name} of the Gateway ${gateway.namespace}/${gateway.name}` };
  const words = `${name} ${controller ?? ''}`.toLowerCase();
  if (
    /^gke-|^amazon-vpc-lattice|gateway\.k8s\.aws|networking\.gke\.io|alb\.networking\.azure/m.test(
      words.replaceAll(' ', '\n'),
    )
  )
    return { kind: 'other', controllers: [{ kind: 'cloud' }] };
  return { kind: 'other', controllers: controllersFor(words, name, inventory) };
}

function ofIstio(gateway: Resource, className: string, inventory: Inventory): GatewayProxies {
  const { namespace, name, spec } = gateway;
  const host = listAt(spec, 'addresses')
    .filter((address) => stringAt(address, 'type') === 'Hostname')
    .map((address) => stringAt(address, 'value'))
    .find((value) => value !== undefined);
  if (host === undefined) {
    const said = stringAt(objectAt(gateway.annotations), 'gateway.istio.io/service-account');
    return { kind: 'mesh', namespace, serviceAccount: said ?? `${name}-${className}` };
  }
  const named = serviceInHost(
    host.includes('.') ? host : `${host}.${namespace}`,
    inventory.settings.clusterDomain,
  );
  const service =
    named === undefined
      ? undefined
      : inventory.servicesIn(named.namespace).find((each) => each.name === named.service);
  const [pods] = service === undefined ? [] : inventory.workloadsOf(service);
  if (pods === undefined) return { kind: 'unknown', why: `the pods behind ${host}` };
  return { kind: 'mesh', namespace: pods.namespace, serviceAccount: pods.serviceAccount };
}
