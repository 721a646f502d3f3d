import { builtInGroup, podTemplatePath } from '../k8s/pod-template.ts';
import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type YamlPath,
} from '../model/json.ts';
import { groupOf, type KustomizationFile } from '../model/manifest.ts';
import {
  idOf,
  isGone,
  kindOf,
  nameOf,
  refusedBuild,
  withValue,
  type Building,
  type Refuse,
} from './building.ts';
import { printedId } from './joined.ts';
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

/** The pod template whose account name kustomize follows: of Kubernetes' own kinds, told by their name alone.
 *  @see https://github.com/kubernetes-sigs/kustomize/tree/master/api/internal/konfig/builtinpluginconsts */
export function namedTemplatePath(kind: string): YamlPath | undefined {
  const group = builtInGroup(kind);
  return group === undefined ? undefined : podTemplatePath({ group, kind });
}

/** Kinds to whose pods kustomize gives labels in whatever API group they are. */
const labelledAnywhere = new Set(['DaemonSet', 'Deployment', 'ReplicaSet']);

/** The pod template to which kustomize gives labels. */
function labelledTemplatePath({ value }: Building): YamlPath | undefined {
  const kind = kindOf(value);
  const isOwn = builtInGroup(kind) === groupOf(stringAt(value, 'apiVersion'));
  return isOwn || labelledAnywhere.has(kind) ? namedTemplatePath(kind) : undefined;
}

/** Where kustomize adds labels to the selector of an object, and whether it does so where there is none yet. */
function selectorOf(
  kind: string,
  template: YamlPath | undefined,
): { readonly path: YamlPath; readonly isMade: boolean } | undefined {
  if (kind === 'Service' || kind === 'ReplicationController')
    return { path: ['spec', 'selector'], isMade: true };
  if (template === undefined || template.length === 0) return undefined;
  const isJob = kind === 'Job' || kind === 'CronJob';
  return { path: [...template.slice(0, -1), 'selector', 'matchLabels'], isMade: !isJob };
}

/** `namespace:` moves every namespaced object and renames every Namespace object.
 *  @see https://github.com/kubernetes-sigs/kustomize/issues/880 */
function setNamespace(objects: readonly Building[], namespace: string): void {
  for (const object of objects) {
    if (isGone(object)) continue;
    const kind = kindOf(object.value);
    if (kind === 'Namespace') rename(object, namespace);
    else if (!isClusterScoped(kind)) {
      object.value = withValue(object.value, ['metadata', 'namespace'], namespace);
      object.ids.push(idOf(object.value));
    }
  }
}

/** Objects that `namespace:` gave one id, as kustomize prints them.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/builtins/NamespaceTransformer.go */
function conflictsOf(objects: readonly Building[]): readonly string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const object of objects) {
    if (isGone(object)) continue;
    const id = printedId(object.value);
    if (seen.has(id)) twice.add(id);
    seen.add(id);
  }
  return [...twice];
}

/** namePrefix and nameSuffix. */
function affixNames(objects: readonly Building[], prefix: string, suffix: string): void {
  if (prefix === '' && suffix === '') return;
  for (const object of objects) {
    if (isGone(object) || fixedNames.has(kindOf(object.value))) continue;
    if (prefix !== '') object.prefixes.push(prefix);
    if (suffix !== '') object.suffixes.push(suffix);
    rename(object, `${prefix}${nameOf(object.value)}${suffix}`);
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
    const template = labelledTemplatePath(object);
    if (template !== undefined && (where.selectors || where.templates)) {
      addTo(object, [...template, 'metadata', 'labels'], labels);
      // A CronJob's Job has labels too.
      if (kind === 'CronJob') addTo(object, [...template.slice(0, 2), 'metadata', 'labels'], labels);
    }
    const selector = where.selectors ? selectorOf(kind, template) : undefined;
    if (selector !== undefined && (selector.isMade || isObject(valueAt(object.value, ...selector.path))))
      addTo(object, selector.path, labels);
  }
}

function addTo(object: Building, path: YamlPath, labels: JsonObject): void {
  object.value = withValue(object.value, path, { ...objectAt(object.value, ...path), ...labels });
}

/** Applies a kustomization's namespace, names and labels, in kustomize's own order. */
export function transformLevel(objects: readonly Building[], level: KustomizationFile, refuse: Refuse): void {
  const kustomization = canonical(level);
  const namespace = stringAt(kustomization, 'namespace');
  if (namespace !== undefined && namespace !== '') {
    setNamespace(objects, namespace);
    for (const id of conflictsOf(objects))
      refuse('kustomize-duplicate-id', level.locationOf([level.key('namespace')]), {
        message: refusedBuild(`namespace transformation produces ID conflict: ${id}`),
        fix: 'Keep one of the two objects, or give one another name.',
      });
  }
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
