import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type YamlPath,
} from '../model/json.ts';
import type { KindName, Resource } from '../model/resource.ts';
import { labelsAt } from '../k8s/selector.ts';

interface ContainerPort {
  readonly path: YamlPath;
  readonly name: string | undefined;
  readonly number: number;
}

export interface Container {
  readonly path: YamlPath;
  readonly name: string;
  readonly isInit: boolean;
  readonly ports: readonly ContainerPort[];
  readonly value: JsonObject;
}

/** Something that makes pods: its template stands for them. */
export interface Workload {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
  /** Where the pod's metadata and spec are: `['spec', 'template']`, or `[]` of a Pod. */
  readonly templatePath: YamlPath;
  /** Of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly podSpec: JsonObject;
  /** `default` where nothing says. */
  readonly serviceAccount: string;
  readonly hostNetwork: boolean;
  /** Whether its pods are to end by themselves. */
  readonly isJob: boolean;
  /** Init containers first. */
  readonly containers: readonly Container[];
}

const templates: Partial<Record<KindName, YamlPath>> = {
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  DaemonSet: ['spec', 'template'],
  Deployment: ['spec', 'template'],
  Job: ['spec', 'template'],
  Pod: [],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Rollout: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
};

/** @returns undefined for kinds without pods, and for those whose template is written elsewhere (a Rollout's workloadRef) */
export function workloadOf(resource: Resource): Workload | undefined {
  const templatePath = resource.known === undefined ? undefined : templates[resource.known];
  if (templatePath === undefined) return undefined;
  const template = valueAt(resource.value, ...templatePath);
  if (!isObject(template)) return undefined;
  const podSpec = objectAt(template, 'spec');
  const containers = ['initContainers', 'containers'].flatMap((key) =>
    listAt(podSpec, key).flatMap((value, index): Container[] =>
      isObject(value) ? [containerOf(value, [...templatePath, 'spec', key, index])] : [],
    ),
  );
  return {
    resource,
    namespace: resource.namespace,
    name: resource.name,
    templatePath,
    labels: labelsAt(template, 'metadata', 'labels'),
    annotations: labelsAt(template, 'metadata', 'annotations'),
    podSpec,
    serviceAccount:
      stringAt(podSpec, 'serviceAccountName') ?? stringAt(podSpec, 'serviceAccount') ?? 'default',
    hostNetwork: podSpec.hostNetwork === true,
    isJob: resource.known === 'Job' || resource.known === 'CronJob',
    containers,
  };
}

function containerOf(value: JsonObject, path: YamlPath): Container {
  return {
    path,
    name: stringAt(value, 'name') ?? '',
    isInit: path.at(-2) === 'initContainers',
    ports: listAt(value, 'ports').flatMap((port, index) => {
      const number = valueAt(port, 'containerPort');
      if (typeof number !== 'number') return [];
      return [{ path: [...path, 'ports', index], name: stringAt(port, 'name'), number }];
    }),
    value,
  };
}

/** The container port that a Service's targetPort means in these pods; undefined: a name that no container declares. */
export function containerPort(workload: Workload, targetPort: number | string): number | undefined {
  if (typeof targetPort === 'number') return targetPort;
  for (const { ports } of workload.containers)
    for (const port of ports) if (port.name === targetPort) return port.number;
  return undefined;
}
