import { stringAt } from '../model/json.ts';
import type { KindName, Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';

// What may be called missing. A repository never holds all of a cluster: Helm releases, Argo CD's applications and
// operators put objects into namespaces that no file shows, and other repositories do the same. A rule says "there is no
// such thing" only of namespaces for which one of these predicates holds.

/** Whether something that was read makes objects in a namespace which Git does not show: a Helm release, an application of
 *  Argo CD, an object of an operator. */
export function isFilledByOthers(namespace: string, inventory: Inventory): boolean {
  return fillers(inventory).all.has(namespace);
}

/** The same, but for Istio's own charts: those bring neither Secrets nor policies. */
export function mayHoldUnseenPolicies(namespace: string, inventory: Inventory): boolean {
  return fillers(inventory).beyondIstio.has(namespace);
}

/** Whether all objects of a namespace are among those read: some are, nobody else fills it, and it is none that a cluster's
 *  installer makes. */
export function isComplete(namespace: string, inventory: Inventory): boolean {
  if (namespace === inventory.settings.rootNamespace || ofInstallers.has(namespace)) return false;
  return inventory.isRead(namespace) && !isFilledByOthers(namespace, inventory);
}

/** Whether all Services of a namespace are among those read: it is complete, and has some. Where only pods, policies and
 *  routes were read, the Services may come from somewhere else. */
export function knowsServicesOf(namespace: string, inventory: Inventory): boolean {
  return inventory.servicesIn(namespace).length > 0 && isComplete(namespace, inventory);
}

/** Whether all pods and accounts of a namespace are among those read: it is complete, and has pods that say they are of it. */
export function knowsPodsOf(namespace: string, inventory: Inventory): boolean {
  return (
    inventory.workloadsIn(namespace).some(({ resource }) => resource.hasNamespace) &&
    isComplete(namespace, inventory)
  );
}

/** Namespaces that come with a cluster or its installer. */
const ofInstallers: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'istio-system',
  'flux-system',
]);

interface Fillers {
  readonly all: ReadonlySet<string>;
  readonly beyondIstio: ReadonlySet<string>;
}

function fillers(inventory: Inventory): Fillers {
  return inventory.once(computeFillers);
}

function computeFillers(inventory: Inventory) {
  const [all, beyondIstio] = [new Set<string>(), new Set<string>()];
  for (const resource of inventory.resources) {
    const namespace = filledBy(resource);
    if (namespace === undefined) continue;
    all.add(namespace);
    if (!isOfIstio(resource)) beyondIstio.add(namespace);
  }
  return { all, beyondIstio };
}

/** Kinds that are read, and whose controllers make Services or pods beside. */
const knownMakers: ReadonlySet<KindName> = new Set([
  'Canary',
  'KnativeService',
  'KubernetesGateway',
  'ScaledJob',
  'ScaledObject',
]);

/** The namespace that an object has things made in. */
function filledBy({ known, group, kind, spec, namespace }: Resource): string | undefined {
  if (known === 'HelmRelease') return stringAt(spec, 'targetNamespace') ?? namespace;
  if (known === 'FluxKustomization') return stringAt(spec, 'targetNamespace');
  if (known === 'IstioOperator') return stringAt(spec, 'namespace') ?? namespace;
  if (known !== undefined && knownMakers.has(known)) return namespace;
  if (known !== undefined || (isQuiet(group) && !makers.has(kind))) return undefined;
  return (
    stringAt(spec, 'destination', 'namespace') ??
    stringAt(spec, 'template', 'spec', 'destination', 'namespace') ??
    namespace
  );
}

function isOfIstio({ known, spec }: Resource): boolean {
  const chart = stringAt(spec, 'chart', 'spec', 'chart') ?? '';
  return known === 'IstioOperator' || (known === 'HelmRelease' && istioCharts.has(chart));
}

const istioCharts: ReadonlySet<string> = new Set(['base', 'cni', 'gateway', 'istiod', 'ztunnel']);

/** API groups, and all that end in one, whose controllers make neither Services nor pods nor accounts. */
const quietGroups: ReadonlySet<string> = new Set([
  'argoproj.io',
  'bitnami.com',
  'cert-manager.io',
  'external-secrets.io',
  'fluxcd.io',
  'gke.io',
  'istio.io',
  'k8s.aws',
  'k8s.io',
  'karpenter.sh',
  'keda.sh',
  'kiali.io',
  'kyverno.io',
  'monitoring.coreos.com',
  'secrets-store.csi.x-k8s.io',
  'traefik.io',
]);

/** Kinds of quiet groups that do make some. */
const makers: ReadonlySet<string> = new Set([
  'Alertmanager',
  'Application',
  'ApplicationSet',
  'ArgoCD',
  'CronWorkflow',
  'EventSource',
  'Kiali',
  'Prometheus',
  'PrometheusAgent',
  'ScaledJob',
  'Sensor',
  'ThanosRuler',
  'Workflow',
]);

function isQuiet(group: string): boolean {
  // Groups without a dot are Kubernetes' own.
  if (!group.includes('.') || quietGroups.has(group)) return true;
  for (let dot = group.indexOf('.'); dot >= 0; dot = group.indexOf('.', dot + 1))
    if (quietGroups.has(group.slice(dot + 1))) return true;
  return false;
}
