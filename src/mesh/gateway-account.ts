import { keyOf } from '../model/key-of.ts';
import { listAt, objectAt, stringAt, valueAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';
import { hasPlaceholder } from './placeholder.ts';
import { namespacesOfOperator } from './operator-namespace.ts';
import type { Principal } from '../k8s/principal.ts';
import type { Workload } from './workload.ts';

/** Who the pods of an ingress gateway are, and what says so. */
export interface GatewayAccount {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly by: string;
}

/** The ingress gateways that are known to be installed: by the fleet, by Helm releases of the gateway charts, by
 *  IstioOperators, and by workloads whose pods are gateways. */
export function gatewayAccounts(inventory: Inventory): readonly GatewayAccount[] {
  return inventory.once(computeAccounts);
}

function computeAccounts(inventory: Inventory) {
  const declared = (inventory.settings.gateways ?? []).map(({ podNamespace, serviceAccount }) => ({
    namespace: podNamespace,
    serviceAccount,
    by: 'the fleet',
  }));
  const found = [
    ...inventory.of('HelmRelease').flatMap((release) => ofRelease(release) ?? []),
    ...inventory.of('IstioOperator').flatMap((operator) => ofOperator(operator, inventory)),
    ...inventory.workloads.filter(isIngressGateway).map(({ namespace, serviceAccount, name }) => ({
      namespace,
      serviceAccount,
      by: `the workload ${name}`,
    })),
  ];
  const seen = new Set<string>();
  return [...declared, ...found].filter(({ namespace, serviceAccount }) => {
    const key = keyOf(namespace, serviceAccount);
    if (seen.has(key) || hasPlaceholder(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Whether the pods of a workload are an ingress gateway, and no application. */
export function isIngressGateway(workload: Workload): boolean {
  const { labels, containers } = workload;
  if (!(labels.istio ?? labels.app ?? '').includes('ingress')) return false;
  return isGateway({ containers });
}

/** Whether the pods of a workload are a proxy and nothing else. */
export function isGateway({ containers }: Pick<Workload, 'containers'>): boolean {
  const main = containers.filter(({ isInit }) => !isInit);
  return main.length > 0 && main.every(({ name }) => name === 'istio-proxy');
}

/** The chart `gateway` names its account after the release; the older `istio-ingress` has a name of its own.
 *  @see https://istio.io/latest/docs/setup/additional-setup/gateway/ */
function ofRelease(release: Resource): GatewayAccount | undefined {
  const { spec, name } = release;
  const chart = stringAt(spec, 'chart', 'spec', 'chart') ?? '';
  const source = stringAt(spec, 'chart', 'spec', 'sourceRef', 'name') ?? '';
  const values = objectAt(spec, 'values');
  const target = stringAt(spec, 'targetNamespace');
  const namespace = target ?? release.namespace;
  const by = `the Helm release ${name}`;
  if (/(^|\/)istio-ingress$/.test(chart)) {
    const called = stringAt(values, 'gateways', 'istio-ingressgateway', 'name') ?? 'istio-ingressgateway';
    return { namespace, serviceAccount: `${called}-service-account`, by };
  }
  if (!/(^|\/)gateway$/.test(chart) || !`${chart} ${source}`.includes('istio')) return undefined;
  const said = (...path: string[]) => nonEmpty(stringAt(values, ...path));
  const account = said('serviceAccount', 'name');
  // Values from elsewhere can rename it, and who turns the account off says that another one is used.
  const isOpen =
    listAt(spec, 'valuesFrom').length > 0 || valueAt(values, 'serviceAccount', 'create') === false;
  if (account === undefined && isOpen) return undefined;
  const released = stringAt(spec, 'releaseName') ?? (target === undefined ? name : `${target}-${name}`);
  return { namespace, serviceAccount: account ?? said('name') ?? released, by };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function ofOperator(operator: Resource, inventory: Inventory): readonly GatewayAccount[] {
  const { spec, name } = operator;
  return listAt(spec, 'components', 'ingressGateways').flatMap((each) => {
    const gateway = stringAt(each, 'name');
    if (gateway === undefined || valueAt(each, 'enabled') === false) return [];
    const said = nonEmpty(stringAt(each, 'namespace'));
    const namespaces = said === undefined ? namespacesOfOperator(operator, inventory) : [said];
    return namespaces.map((namespace) => ({
      namespace,
      serviceAccount: `${gateway}-service-account`,
      by: name === '' ? 'an IstioOperator without a name' : `the IstioOperator ${name}`,
    }));
  });
}

/** Names that installers give to an ingress gateway's account. */
const usual: ReadonlySet<string> = new Set(
  [
    'istio-ingressgateway',
    'istio-ingress',
    'istio-gateway',
    'istio-gateways',
    'ingressgateway',
    'ingress-gateway',
  ].flatMap((name) => [name, `${name}-service-account`]),
);

/** Whether a principal clearly means the ingress gateway, and no gateway that is known to be installed is it.
 *  @returns the gateways it may have meant; undefined: it is right, or means someone else, or nothing is known */
export function gatewaysMeantBy(
  { namespace, serviceAccount }: Pick<Principal, 'namespace' | 'serviceAccount'>,
  inventory: Inventory,
): readonly GatewayAccount[] | undefined {
  const known = gatewayAccounts(inventory);
  if (known.length === 0) return undefined;
  if (known.some((each) => each.namespace === namespace && each.serviceAccount === serviceAccount))
    return undefined;
  const isUsual =
    usual.has(serviceAccount) ||
    known.some((each) =>
      [each.serviceAccount, `${each.serviceAccount}-service-account`].includes(serviceAccount),
    );
  const declares = inventory.find('ServiceAccount', namespace, serviceAccount);
  return isUsual && declares === undefined ? known : undefined;
}
