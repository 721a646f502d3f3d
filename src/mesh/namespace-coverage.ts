import { stringAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { serviceInHost } from './host.ts';
import type { Inventory } from './inventory.ts';

/** Groups whose objects bring no Service of their own. */
const plainGroups: ReadonlySet<string> = new Set([
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apps',
  'autoscaling',
  'batch',
  'bitnami.com',
  'cert-manager.io',
  'coordination.k8s.io',
  'external-secrets.io',
  'image.toolkit.fluxcd.io',
  'kustomize.toolkit.fluxcd.io',
  'networking.istio.io',
  'networking.k8s.io',
  'notification.toolkit.fluxcd.io',
  'policy',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
  'security.istio.io',
  'source.toolkit.fluxcd.io',
  'storage.k8s.io',
  'telemetry.istio.io',
]);

/** Whether all Services of a namespace are among what was read: some are, or pods are, and nothing there makes others
 *  (a Helm release, an operator's object). */
export function knowsServicesOf(namespace: string, inventory: Inventory): boolean {
  if (inventory.servicesIn(namespace).length === 0 && inventory.workloadsIn(namespace).length === 0)
    return false;
  return !bringsUnseen(namespace, inventory);
}

/** Whether something in a namespace makes objects that are not in Git. */
export function bringsUnseen(namespace: string, inventory: Inventory): boolean {
  return inventory
    .once(
      'namespaces with unseen objects',
      () => new Set(inventory.resources.flatMap((each) => unseenIn(each) ?? [])),
    )
    .has(namespace);
}

/** Whether something that is no chart of Istio's own, which has neither Secrets nor policies, does. */
export function bringsUnseenPolicies(namespace: string, inventory: Inventory): boolean {
  return inventory
    .once(
      'namespaces with unseen policies',
      () => new Set(inventory.resources.flatMap((each) => (isIstio(each) ? [] : (unseenIn(each) ?? [])))),
    )
    .has(namespace);
}

function isIstio({ known, spec }: Resource): boolean {
  const chart = stringAt(spec, 'chart', 'spec', 'chart') ?? '';
  return known === 'IstioOperator' || (known === 'HelmRelease' && istioCharts.has(chart));
}

const istioCharts: ReadonlySet<string> = new Set(['base', 'cni', 'gateway', 'istiod', 'ztunnel']);

function unseenIn(resource: Resource): string | undefined {
  const { known, group, kind, spec, namespace } = resource;
  if (known === 'HelmRelease') return stringAt(spec, 'targetNamespace') ?? namespace;
  if (known === 'IstioOperator') return stringAt(spec, 'namespace') ?? namespace;
  if (known === 'FluxKustomization') return stringAt(spec, 'targetNamespace');
  if (known === 'KubernetesGateway') return namespace;
  if (known !== undefined) return undefined;
  if (group === 'argoproj.io' && kind === 'Application') return stringAt(spec, 'destination', 'namespace');
  return plainGroups.has(group) ? undefined : namespace;
}

/** Whether a host inside the cluster, named by `from`, is surely no Service and no ServiceEntry. What is in the mesh's root
 *  namespace came with Istio, by whatever means. */
export function isMissingService(host: string, from: Resource, inventory: Inventory): boolean {
  const { clusterDomain, rootNamespace } = inventory.settings;
  if (!host.endsWith(`.svc.${clusterDomain}`)) return false;
  const named = serviceInHost(host, clusterDomain);
  if (named?.namespace === rootNamespace || host.startsWith('kubernetes.default.')) return false;
  if (named === undefined || isKnownHost(host, inventory)) return false;
  // What says no namespace may be meant for any: the one it is applied to is not in Git.
  const alike = inventory.once('services by name', () => {
    const found = new Map<string, Set<boolean>>();
    for (const { name, resource } of inventory.services)
      found.set(name, new Set([...(found.get(name) ?? []), resource.hasNamespace]));
    return found;
  });
  const twins = alike.get(named.service);
  if (twins !== undefined && (!from.hasNamespace || twins.has(false))) return false;
  return knowsServicesOf(named.namespace, inventory);
}

/** Whether a Service or a ServiceEntry has this name. */
export function isKnownHost(host: string, inventory: Inventory): boolean {
  return inventory.serviceAt(host) !== undefined || inventory.entriesCovering(host).length > 0;
}
