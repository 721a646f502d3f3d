import { isObject, listAt, objectAt, stringAt, type JsonObject } from '../model/json.ts';
import type { KustomizationFile } from '../model/manifest.ts';
import { idOf, kindOf, nameOf, withValue, type Building } from './building.ts';
import { canonical } from './kustomization.ts';

const clusterScoped = new Set([
  'APIService',
  'ClusterIssuer',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'GatewayClass',
  'IngressClass',
  'MutatingWebhookConfiguration',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'StorageClass',
  'ValidatingWebhookConfiguration',
]);

export function isClusterScoped(kind: string): boolean {
  return clusterScoped.has(kind);
}

/** Kinds whose name kustomize never prefixes. */
const fixedNames = new Set(['Namespace', 'CustomResourceDefinition', 'APIService']);

const podTemplatePaths: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  Rollout: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** Where a workload keeps its pod template; undefined for other kinds. */
export function podTemplatePath(kind: string): readonly string[] | undefined {
  return Object.hasOwn(podTemplatePaths, kind) ? podTemplatePaths[kind] : undefined;
}

/** Pod templates whose labels and account names kustomize follows: those of Kubernetes' own kinds only.
 *  @see https://github.com/kubernetes-sigs/kustomize/tree/master/api/internal/konfig/builtinpluginconsts */
function followedTemplatePath(kind: string): readonly string[] | undefined {
  return kind === 'Rollout' ? undefined : podTemplatePath(kind);
}

/** `namespace:` moves every namespaced object and renames every Namespace object.
 *  @see https://github.com/kubernetes-sigs/kustomize/issues/880 */
function setNamespace(objects: readonly Building[], namespace: string): void {
  for (const object of objects) {
    const kind = kindOf(object.value);
    if (kind === 'Namespace') rename(object, namespace);
    else if (!isClusterScoped(kind)) {
      object.value = withValue(object.value, ['metadata', 'namespace'], namespace);
      object.ids.push(idOf(object.value));
    }
  }
}

/** namePrefix and nameSuffix; references from pods to renamed ServiceAccounts follow, Istio's references do not. */
function affixNames(objects: readonly Building[], prefix: string, suffix: string): void {
  if (prefix === '' && suffix === '') return;
  const accounts = new Map<string, string>();
  for (const object of objects) {
    const kind = kindOf(object.value);
    if (fixedNames.has(kind)) continue;
    const name = `${prefix}${nameOf(object.value)}${suffix}`;
    if (kind === 'ServiceAccount') accounts.set(nameOf(object.value), name);
    rename(object, name);
  }
  for (const object of objects) {
    const template = followedTemplatePath(kindOf(object.value));
    if (template === undefined) continue;
    const path = [...template, 'spec', 'serviceAccountName'];
    const renamed = accounts.get(stringAt(object.value, ...path) ?? '');
    if (renamed !== undefined) object.value = withValue(object.value, path, renamed);
  }
}

function rename(object: Building, name: string): void {
  object.value = withValue(object.value, ['metadata', 'name'], name);
  object.ids.push(idOf(object.value));
}

/** `commonLabels` and `labels`. Selectors of Services and workloads follow when asked; those of Istio never do. */
function addLabels(
  objects: readonly Building[],
  labels: JsonObject,
  where: { readonly selectors: boolean; readonly templates: boolean },
): void {
  for (const object of objects) {
    addTo(object, ['metadata', 'labels'], labels);
    const kind = kindOf(object.value);
    const template = followedTemplatePath(kind);
    if (template !== undefined && (where.selectors || where.templates))
      addTo(object, [...template, 'metadata', 'labels'], labels);
    if (!where.selectors) continue;
    if (kind === 'Service' && isObject(object.value.spec) && isObject(object.value.spec.selector))
      addTo(object, ['spec', 'selector'], labels);
    if (template !== undefined && kind !== 'Job' && kind !== 'CronJob')
      addTo(object, ['spec', 'selector', 'matchLabels'], labels);
  }
}

function addTo(object: Building, path: readonly string[], labels: JsonObject): void {
  object.value = withValue(object.value, path, { ...objectAt(object.value, ...path), ...labels });
}

/** Applies a kustomization's namespace, names and labels, in kustomize's own order. */
export function transformLevel(objects: readonly Building[], level: KustomizationFile): void {
  const kustomization = canonical(level);
  const namespace = stringAt(kustomization, 'namespace');
  if (namespace !== undefined && namespace !== '') setNamespace(objects, namespace);
  affixNames(
    objects,
    stringAt(kustomization, 'namePrefix') ?? '',
    stringAt(kustomization, 'nameSuffix') ?? '',
  );
  const common = objectAt(kustomization, 'commonLabels');
  if (Object.keys(common).length > 0) addLabels(objects, common, { selectors: true, templates: true });
  for (const item of listAt(kustomization, 'labels')) {
    if (!isObject(item)) continue;
    addLabels(objects, objectAt(item, 'pairs'), {
      selectors: item.includeSelectors === true,
      templates: item.includeTemplates === true,
    });
  }
}
