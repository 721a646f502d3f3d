import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type YamlPath,
} from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { namedContainerPort } from '../k8s/container-port.ts';
import { endsByItself, podTemplatePath, serviceAccountOf } from '../k8s/pod-template.ts';
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

/** @returns undefined for kinds without pods, and for those whose template is written elsewhere (a Rollout's workloadRef) */
export function workloadOf(resource: Resource): Workload | undefined {
  const templatePath = podTemplatePath(resource);
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
    serviceAccount: serviceAccountOf(podSpec),
    hostNetwork: podSpec.hostNetwork === true,
    isJob: endsByItself(resource),
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

/** The container port that a Service's targetPort means in these pods; undefined: a name that no container declares.
 *  @param transport  `protocol` of the Service's port */
export function containerPort(
  { podSpec }: Workload,
  targetPort: number | string,
  transport = 'TCP',
): number | undefined {
  return typeof targetPort === 'number' ? targetPort : namedContainerPort(podSpec, targetPort, transport);
}
