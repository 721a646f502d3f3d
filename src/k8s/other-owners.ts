import { objectAt, stringAt, stringsAt, valueAt, type JsonObject, type YamlPath } from '../model/json.ts';
import { podTemplateOf } from './pod-template.ts';
import { labelsAt, type Labels } from './selector.ts';

/** An object as built, as far as owners are asked about it. */
interface OwnableObject {
  readonly group: string;
  readonly kind: string;
  readonly builtName: string;
  readonly built: JsonObject;
}

/** A Kubernetes Service whose routes or pods a controller makes, or rewrites. */
interface OwnedService {
  readonly service: string;
  /** Whether the controller writes the VirtualServices and DestinationRules of the Service: then nobody else may. */
  readonly makesRoutes: boolean;
  /** The labels of the pods that are behind it, one set a workload; empty: those of the Service in Git. */
  readonly pods: readonly Labels[];
}

/** A kind whose controller makes or rewrites objects that Git does not show. */
interface OwnerKind {
  readonly group: string;
  readonly kind: string;
  /** What its controller makes, and which fields of others it rewrites, for a sentence: `Flagger makes …`. */
  readonly what: string;
  /** Where the object says at which gateways, for which hosts and with which TLS its routes are; undefined: it can't. */
  readonly routes?: { readonly gateways: YamlPath; readonly hosts: YamlPath; readonly tlsMode: YamlPath };
  readonly servicesOf: (object: OwnableObject, all: readonly OwnableObject[]) => readonly OwnedService[];
  /** The VirtualService whose weights the controller rewrites. */
  readonly routedBy?: (object: OwnableObject) => readonly string[];
}

const serving = 'serving.knative.dev';

/** The owners that are known, in one place: kind, what its controller makes, which fields it rewrites, which labels its pods
 *  get.
 *  @see https://docs.flagger.app/usage/how-it-works
 *  @see https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/istio/
 *  @see https://knative.dev/docs/serving/services/ */
const owners: readonly OwnerKind[] = [
  {
    group: 'flagger.app',
    kind: 'Canary',
    what: 'Flagger makes its VirtualService, its DestinationRules and the Services and pods of its primary, and rewrites what others write there',
    routes: {
      gateways: ['spec', 'service', 'gateways'],
      hosts: ['spec', 'service', 'hosts'],
      tlsMode: ['spec', 'service', 'trafficPolicy', 'tls', 'mode'],
    },
    servicesOf: canaryServices,
  },
  {
    group: 'argoproj.io',
    kind: 'Rollout',
    what: 'Argo Rollouts rewrites the weights of its VirtualService, the labels of the subsets of its DestinationRule and the selectors of its Services',
    servicesOf: () => [],
    routedBy: rolloutRoutes,
  },
  {
    group: serving,
    kind: 'Service',
    what: 'Knative makes its Services, its routes at its own gateways and the pods of each revision',
    servicesOf: ({ builtName }) => [
      { service: builtName, makesRoutes: true, pods: [{ [`${serving}/service`]: builtName }] },
    ],
  },
];

/** What owns a Service: the object in Git, and what its controller does. */
export interface ServiceOwner<T extends OwnableObject> {
  readonly object: T;
  readonly kind: OwnerKind;
  readonly owned: OwnedService;
}

/** Who makes the routes or the pods of a Service, beside Git; undefined: nobody that is known. */
export function ownerOf<T extends OwnableObject>(
  service: string,
  all: readonly T[],
): ServiceOwner<T> | undefined {
  for (const kind of owners)
    for (const object of all) {
      if (object.group !== kind.group || object.kind !== kind.kind) continue;
      const owned = kind.servicesOf(object, all).find((each) => each.service === service);
      if (owned !== undefined) return { object, kind, owned };
    }
  return undefined;
}

/** The names of VirtualServices whose weights controllers set: a Service that one of them routes to is routed there. */
export function weightedRoutes(all: readonly OwnableObject[]): ReadonlySet<string> {
  return new Set(
    owners.flatMap(({ group, kind, routedBy }) =>
      routedBy === undefined
        ? []
        : all.filter((each) => each.group === group && each.kind === kind).flatMap(routedBy),
    ),
  );
}

/** Labels by which Flagger tells the pods of the primary from those of the canary, the first that the workload selects by. */
const flaggerLabels = ['app', 'name', 'app.kubernetes.io/name'];

function canaryServices(canary: OwnableObject, all: readonly OwnableObject[]): readonly OwnedService[] {
  const target = objectAt(canary.built, 'spec', 'targetRef');
  const name = stringAt(target, 'name') ?? canary.builtName;
  const apex = stringAt(canary.built, 'spec', 'service', 'name') ?? name;
  const workload = all.find(({ kind, builtName }) => kind === stringAt(target, 'kind') && builtName === name);
  const selected = workload === undefined ? {} : labelsAt(workload.built, 'spec', 'selector', 'matchLabels');
  const template = workload === undefined ? undefined : podTemplateOf(workload, workload.built);
  const labels = { ...labelsAt(template, 'metadata', 'labels'), ...selected };
  const label = flaggerLabels.find((each) => Object.hasOwn(selected, each)) ?? 'app';
  const value = labels[label] ?? name;
  const canaryPods = { [label]: value };
  const primaryPods = { [label]: `${value}-primary` };
  return [
    { service: apex, makesRoutes: true, pods: [primaryPods, canaryPods] },
    { service: `${apex}-primary`, makesRoutes: true, pods: [primaryPods] },
    { service: `${apex}-canary`, makesRoutes: true, pods: [canaryPods] },
  ];
}

function rolloutRoutes({ built }: OwnableObject): readonly string[] {
  const istio = ['spec', 'strategy', 'canary', 'trafficRouting', 'istio'] as const;
  const one = stringAt(built, ...istio, 'virtualService', 'name');
  const several = valueAt(built, ...istio, 'virtualServices');
  const names = Array.isArray(several) ? several.map((each) => stringAt(each as JsonObject, 'name')) : [];
  return [one, ...names].filter((each) => each !== undefined);
}

/** Whether an object's pod template, when it changes, makes new pods beside the old ones: a Knative Service.
 *  @see https://knative.dev/docs/serving/revisions/ */
export function makesRevisions({ group, kind }: Pick<OwnableObject, 'group' | 'kind'>): boolean {
  return group === serving && kind === 'Service';
}

/** What the routes of an owner say of themselves. */
export function ownRoutes(
  { built }: OwnableObject,
  { gateways, hosts, tlsMode }: NonNullable<OwnerKind['routes']>,
): {
  readonly gateways: readonly string[];
  readonly hosts: readonly string[];
  readonly mode: string | undefined;
} {
  return {
    gateways: stringsAt(built, ...gateways),
    hosts: stringsAt(built, ...hosts),
    mode: stringAt(built, ...tlsMode),
  };
}
