import {
  isObject,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
  type YamlPath,
} from '../model/json.ts';

interface WorkloadKind {
  readonly group: string;
  /** Where the metadata and spec of its pods are: `['spec', 'template']`, or `[]` of a Pod. */
  readonly template: YamlPath;
  /** Whether its pods are to end by themselves. */
  readonly ends?: boolean;
  /** Whether its controller replaces the pods when the template changes. Not those of ReplicaSets, nor single Pods. */
  readonly rolls?: boolean;
  /** Whether it belongs to Kubernetes itself, so that kustomize follows it without being told. */
  readonly isBuiltIn: boolean;
}

const inSpec = ['spec', 'template'];

/** @see https://kubernetes.io/docs/concepts/workloads/pods/#pod-templates
 *  @see https://argo-rollouts.readthedocs.io/en/stable/features/specification/ */
const kinds: Readonly<Record<string, WorkloadKind>> = {
  CronJob: {
    group: 'batch',
    template: ['spec', 'jobTemplate', 'spec', 'template'],
    ends: true,
    isBuiltIn: true,
  },
  DaemonSet: { group: 'apps', template: inSpec, rolls: true, isBuiltIn: true },
  Deployment: { group: 'apps', template: inSpec, rolls: true, isBuiltIn: true },
  Job: { group: 'batch', template: inSpec, ends: true, isBuiltIn: true },
  Pod: { group: '', template: [], isBuiltIn: true },
  ReplicaSet: { group: 'apps', template: inSpec, isBuiltIn: true },
  ReplicationController: { group: '', template: inSpec, isBuiltIn: true },
  Rollout: { group: 'argoproj.io', template: inSpec, rolls: true, isBuiltIn: false },
  StatefulSet: { group: 'apps', template: inSpec, rolls: true, isBuiltIn: true },
};

/** The kind of an object, with its API group: two groups may use one name. */
interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** Kinds whose number of pods `spec.replicas` says, in kustomize's order.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/builtins/ReplicaCountTransformer.go */
export const replicatedKinds: readonly string[] = [
  'Deployment',
  'StatefulSet',
  'ReplicaSet',
  'ReplicationController',
];

const byName: ReadonlyMap<string, WorkloadKind> = new Map(Object.entries(kinds));

function find({ group, kind }: GroupKind): WorkloadKind | undefined {
  const found = byName.get(kind);
  return found?.group === group ? found : undefined;
}

/** Where a workload keeps the metadata and spec of its pods; undefined for kinds without pods. */
export function podTemplatePath(of: GroupKind): YamlPath | undefined {
  return find(of)?.template;
}

/** Whether the pods of a workload are to end by themselves: those of Jobs and CronJobs. */
export function endsByItself(of: GroupKind): boolean {
  return find(of)?.ends === true;
}

/** Whether a change of the pod template replaces the pods, as `kubectl rollout restart` makes use of. */
export function rollsPods(of: GroupKind): boolean {
  return find(of)?.rolls === true;
}

/** The API group of a workload kind of Kubernetes itself; undefined for other kinds, and for those that a CRD adds. */
export function builtInGroup(kind: string): string | undefined {
  const found = byName.get(kind);
  return found?.isBuiltIn === true ? found.group : undefined;
}

/** The pod template of an object; undefined for kinds without pods, and for those whose template is written elsewhere (a
 *  Rollout's workloadRef). */
export function podTemplateOf(of: GroupKind, value: JsonObject): JsonObject | undefined {
  const path = podTemplatePath(of);
  const template = path === undefined ? undefined : valueAt(value, ...path);
  return isObject(template) ? template : undefined;
}

/** The account that pods run as: `default` where nothing, or the empty text, says. `serviceAccount` is the older name of the
 *  field.
 *  @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec */
export function serviceAccountOf(podSpec: JsonValue | undefined): string {
  const names = ['serviceAccountName', 'serviceAccount'].map((key) => stringAt(podSpec, key));
  return names.find((name) => name !== undefined && name !== '') ?? 'default';
}

const inject = 'sidecar.istio.io/inject';

/** Why pods of a template get no sidecar whatever their namespace says; undefined: they may get one. The label goes before
 *  the annotation, which is the older form.
 *  @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy */
export function sidecarRefusal(template: JsonValue): 'hostNetwork' | 'label' | undefined {
  if (valueAt(template, 'spec', 'hostNetwork') === true) return 'hostNetwork';
  const said =
    stringAt(template, 'metadata', 'labels', inject) ?? stringAt(template, 'metadata', 'annotations', inject);
  return said === 'false' ? 'label' : undefined;
}
