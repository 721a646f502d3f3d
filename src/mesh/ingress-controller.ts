import { listAt, stringAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { gatewayAccounts } from './gateway-account.ts';
import { ingressClassOf, isCloudClass } from './ingress.ts';
import type { Inventory } from './inventory.ts';
import type { Workload } from './workload.ts';

/** Who sends the requests of an Ingress on to its Services. */
export type IngressController =
  /** A cloud's load balancer, outside the cluster. */
  | { readonly kind: 'cloud' }
  /** The mesh's own ingress gateway. */
  | { readonly kind: 'mesh'; readonly namespace: string; readonly serviceAccount: string }
  | { readonly kind: 'workload'; readonly workload: Workload }
  /** What a chart installs there, of which no pods are in Git. */
  | { readonly kind: 'release'; readonly namespace: string }
  /** `of`: the class, as far as it is said. */
  | { readonly kind: 'unknown'; readonly of: string };

interface Software {
  /** In the name of a class, of a controller, or of an annotation. */
  readonly word: RegExp;
  readonly image: RegExp;
  readonly chart: RegExp;
}

/** Ingress controllers that run in the cluster.
 *  @see https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/ */
const software: readonly Software[] = [
  {
    word: /nginx/,
    image: /ingress-nginx\/(?:controller|nginx-ingress)|nginx-ingress|nginx\/nginx-ingress/,
    chart: /^(?:ingress-nginx|nginx-ingress|nginx-ingress-controller)$/,
  },
  { word: /traefik/, image: /(?:^|\/)traefik(?:[:@]|$)/, chart: /^traefik$/ },
  {
    word: /haproxy/,
    image: /haproxy-ingress|haproxytech\/kubernetes-ingress/,
    chart: /haproxy|^kubernetes-ingress$/,
  },
  { word: /kong/, image: /(?:^|\/)kong(?:-gateway)?(?:[:@]|$)/, chart: /^(?:kong|ingress)$/ },
  { word: /contour/, image: /(?:^|\/)envoy(?:[:@]|$)/, chart: /^contour$/ },
  { word: /cilium/, image: /(?:^|\/)cilium-envoy/, chart: /^cilium$/ },
];

/** The controllers that serve an Ingress: by its class, the class that is the cluster's default, or annotations that only one
 *  controller reads. Several, where several of one kind are installed and nothing tells them apart. */
export function controllersOf(ingress: Resource, inventory: Inventory): readonly IngressController[] {
  const said = ingressClassOf(ingress);
  const name = said ?? inventory.once(defaultClass);
  const controller = name === undefined ? undefined : inventory.once(controllerByClass).get(name);
  const words = `${name ?? annotationsOf(ingress)} ${controller ?? ''}`.toLowerCase();
  return controllersFor(words, name, inventory);
}

/** The controllers that some words mean.
 *  @param words  names of a class, of its controller, of annotations, in small letters
 *  @param name  the class, where one is said */
export function controllersFor(
  words: string,
  name: string | undefined,
  inventory: Inventory,
): readonly IngressController[] {
  const all = words.split(/\s+/);
  if (all.some((word) => isCloudClass(word) || cloudControllers.test(word))) return [{ kind: 'cloud' }];
  if (/\bistio\b/.test(words)) {
    const [account] = gatewayAccounts(inventory);
    return account === undefined
      ? [{ kind: 'unknown', of: 'istio' }]
      : [{ kind: 'mesh', namespace: account.namespace, serviceAccount: account.serviceAccount }];
  }
  const unknown = [{ kind: 'unknown' as const, of: name ?? '' }];
  const meant = software.find(({ word }) => word.test(words));
  if (meant === undefined) return unknown;
  const found = inventory.once(installed, meant);
  const named = found.filter((each) => each.kind === 'workload' && serves(each.workload, name));
  const chosen = named.length > 0 ? named : found;
  return chosen.length > 0 ? chosen : unknown;
}

const cloudControllers =
  /^(?:ingress\.k8s\.aws|eks\.amazonaws\.com|.*\.gke\.io|azure\/|.*application-gateway)/;

function annotationsOf({ annotations }: Resource): string {
  const keys = Object.keys(annotations).map((key) => key.split('/', 1)[0] ?? '');
  const owners = keys.flatMap(
    (key) => /^(?:(alb|nginx|traefik|haproxy|konghq|appgw)\.)|\.(traefik)\./.exec(`${key}.`)?.slice(1) ?? [],
  );
  return owners.map((word) => (word === 'appgw' ? 'azure/application-gateway' : word)).join(' ');
}

function defaultClass(inventory: Inventory): string | undefined {
  return inventory
    .of('IngressClass')
    .find(({ annotations }) => annotations['ingressclass.kubernetes.io/is-default-class'] === 'true')?.name;
}

function controllerByClass(inventory: Inventory): ReadonlyMap<string, string> {
  return new Map(
    inventory.of('IngressClass').map(({ name, spec }) => [name, stringAt(spec, 'controller') ?? '']),
  );
}

function installed({ image, chart }: Software, inventory: Inventory): readonly IngressController[] {
  const workloads = inventory.workloads
    .filter((workload) =>
      workload.containers.some(({ value }) => image.test((stringAt(value, 'image') ?? '').toLowerCase())),
    )
    .map((workload) => ({ kind: 'workload' as const, workload }));
  if (workloads.length > 0) return workloads;
  const releases = inventory
    .of('HelmRelease')
    .filter(({ spec }) => {
      const named = stringAt(spec, 'chart', 'spec', 'chart') ?? stringAt(spec, 'chartRef', 'name') ?? '';
      return chart.test(named.split('/').at(-1) ?? '');
    })
    .map(({ spec, namespace }) => stringAt(spec, 'targetNamespace') ?? namespace);
  return [...new Set(releases)].map((namespace) => ({ kind: 'release' as const, namespace }));
}

/** Whether a controller says that it serves a class. */
function serves({ containers }: Workload, name: string | undefined): boolean {
  if (name === undefined) return false;
  const said = containers.flatMap(({ value }) => listAt(value, 'args'));
  return said.some(
    (each) => typeof each === 'string' && /ingress-?class/i.test(each) && each.endsWith(`=${name}`),
  );
}
