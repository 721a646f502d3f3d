import { stringAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';

/** Whether what the objects of a namespace name, and was not read, may be called missing: objects of it were read, and
 *  nothing puts more into it that Git does not show (Helm releases, applications of Argo CD, objects of operators). */
export function isComplete(namespace: string, inventory: Inventory): boolean {
  const { rootNamespace } = inventory.settings;
  if (namespace === rootNamespace || systemNamespaces.has(namespace)) return false;
  return inventory.isRead(namespace) && !filled(inventory).has(namespace);
}

/** Installed by others than the applications. */
const systemNamespaces: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'istio-system',
  'flux-system',
]);

/** Namespaces that something not read puts objects into. */
function filled(inventory: Inventory): ReadonlySet<string> {
  return inventory.once('namespaces that others fill', () => {
    const found = new Set<string>();
    for (const resource of inventory.resources) {
      const { known, namespace, spec } = resource;
      const target = stringAt(spec, 'targetNamespace') ?? stringAt(spec, 'destination', 'namespace');
      if (known === 'HelmRelease' || makesOthers(resource)) found.add(target ?? namespace);
      if (known === 'FluxKustomization' && target !== undefined) found.add(target);
    }
    return found;
  });
}

/** Groups whose controllers make neither Services nor pods of their own. */
const quiet =
  /(^|\.)(k8s\.io|istio\.io|cert-manager\.io|external-secrets\.io|bitnami\.com|keda\.sh|kyverno\.io|fluxcd\.io|argoproj\.io|monitoring\.coreos\.com|k8s\.aws|karpenter\.sh|gke\.io|traefik\.io|kiali\.io)$/;

/** Kinds of those groups that do. */
const makers: ReadonlySet<string> = new Set([
  'Application',
  'ApplicationSet',
  'Prometheus',
  'Alertmanager',
  'ThanosRuler',
]);

function makesOthers({ known, group, kind }: Resource): boolean {
  if (known !== undefined || !group.includes('.')) return false;
  return makers.has(kind) || !quiet.test(group);
}
