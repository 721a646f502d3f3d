import { podTemplatePath } from '../k8s/pod-template.ts';
import { isClusterScoped } from '../kustomize/transform.ts';
import { objectAt, stringAt, type JsonObject } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RepositoryId } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import type { FluxKustomization } from './flux-object.ts';

/** What kustomize-controller does with what was built and filled in: it leaves out what asks for it and kustomize's own
 *  objects, puts common metadata on the rest, and applies nothing where a namespaced object has no namespace.
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources
 *  @see https://github.com/fluxcd/pkg/blob/main/ssa/utils/object.go */
export function applied(
  manifests: readonly Manifest[],
  kustomization: FluxKustomization | undefined,
  repository: RepositoryId,
): { readonly manifests: readonly Manifest[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const common = objectAt(kustomization?.spec ?? null, 'commonMetadata');
  const kept = manifests.flatMap((manifest) => {
    if (manifest.group === 'kustomize.config.k8s.io' || isLeftOut(manifest.built)) return [];
    if (isWithoutNamespace(manifest))
      problems.push({
        rule: 'flux-namespace-missing',
        severity: 'error',
        message: `${manifest.kind} ${manifest.builtName} has no namespace, and the Kustomization sets none, so Flux refuses everything it builds.`,
        fix: 'Set metadata.namespace, namespace in the kustomization file, or targetNamespace in the Kustomization.',
        repository,
        ...manifest.locationOf(['metadata']),
      });
    return [{ ...manifest, built: withMetadata(manifest.built, common) }];
  });
  return { manifests: kept, problems };
}

const annotation = 'kustomize.toolkit.fluxcd.io/';

/** Whether an object is built and not applied; the values are compared as Flux does, in any case. */
function isLeftOut(value: JsonObject): boolean {
  return ['labels', 'annotations'].some((kind) => {
    const said = (name: string) => stringAt(value, 'metadata', kind, annotation + name)?.toLowerCase();
    return said('reconcile') === 'disabled' || said('ssa') === 'ignore';
  });
}

/** Kinds of Kubernetes itself that live in a namespace, beside those that make pods; of others nobody knows without their
 *  definition. */
const namespaced = new Set([
  ...['ConfigMap', 'Endpoints', 'LimitRange', 'PersistentVolumeClaim', 'PodTemplate'],
  ...[
    'ResourceQuota',
    'Secret',
    'Service',
    'ServiceAccount',
    'ControllerRevision',
    'HorizontalPodAutoscaler',
  ],
  ...['Ingress', 'NetworkPolicy', 'PodDisruptionBudget', 'Role', 'RoleBinding', 'EndpointSlice'],
]);
const groups =
  /^(?:|apps|autoscaling|batch|policy|networking\.k8s\.io|rbac\.authorization\.k8s\.io|discovery\.k8s\.io)$/;

function isWithoutNamespace(manifest: Manifest): boolean {
  const { group, kind, builtNamespace } = manifest;
  if ((builtNamespace !== undefined && builtNamespace !== '') || !groups.test(group)) return false;
  return (namespaced.has(kind) || podTemplatePath(manifest) !== undefined) && !isClusterScoped(kind);
}

function withMetadata(value: JsonObject, common: JsonObject): JsonObject {
  if (Object.keys(common).length === 0) return value;
  const metadata = objectAt(value, 'metadata');
  const merged = (kind: 'labels' | 'annotations') => ({
    ...objectAt(metadata, kind),
    ...objectAt(common, kind),
  });
  const [labels, annotations] = [merged('labels'), merged('annotations')];
  return {
    ...value,
    metadata: {
      ...metadata,
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
  };
}
