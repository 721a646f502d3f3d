import { sameValue } from '../model/same-value.ts';
import type { Maybe } from '../mesh/certainty.ts';
import { askedRevision, type Injection } from '../mesh/injection.ts';
import type { Inventory } from '../mesh/inventory.ts';
import { hasLabels } from '../k8s/selector.ts';
import type { Service } from '../mesh/service.ts';
import type { Workload } from '../mesh/workload.ts';

/** Pods of one workload that are alike. */
export interface Pod {
  readonly workload: Workload;
  readonly hasSidecar: Maybe;
  /** Whether auto mTLS sends mTLS to it: the injector's label says so, which people can take away, and which a sidecar that
   *  was written into the template by hand may lack.
   *  @see https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/#auto-mtls */
  readonly takesMtls: Maybe;
  /** Why it has a sidecar or none, or what is not known. */
  readonly why: string;
}

/** The pods of a cluster at one moment. */
export class Pods {
  readonly #byNamespace = new Map<string, Pod[]>();
  readonly #bySelector = new Map<Service, readonly Pod[]>();

  constructor(pods: readonly Pod[]) {
    for (const pod of pods) {
      const list = this.#byNamespace.get(pod.workload.namespace) ?? [];
      list.push(pod);
      this.#byNamespace.set(pod.workload.namespace, list);
    }
  }

  in(namespace: string): readonly Pod[] {
    return this.#byNamespace.get(namespace) ?? [];
  }

  /** The endpoints of a Service. */
  of(service: Service): readonly Pod[] {
    const known = this.#bySelector.get(service);
    if (known !== undefined) return known;
    const { selector, namespace } = service;
    const found =
      selector === undefined
        ? []
        : this.in(namespace).filter(({ workload }) => hasLabels(workload.labels, selector));
    this.#bySelector.set(service, found);
    return found;
  }
}

/** Pods as the manifests would make them now. */
export function podsOf(inventory: Inventory): readonly Pod[] {
  return inventory.workloads.map((workload) => podOf(workload, inventory));
}

/** The pods of one workload as its manifest would make them now. */
export function podOf(workload: Workload, inventory: Inventory): Pod {
  const injection = certain(inventory.injectionOf(workload), workload, inventory);
  const label = workload.labels['security.istio.io/tlsMode'];
  const isByHand = workload.containers.some(({ name }) => name === 'istio-proxy');
  const isMarked = label === undefined ? !isByHand : label === 'istio';
  return {
    workload,
    hasSidecar: injection.isInjected,
    takesMtls: isMarked ? injection.isInjected : false,
    why: injection.isInjected === true ? injection.by : injection.why,
  };
}

/** Whether a control plane answers to a revision, nobody knows where none was read, but for the one the fleet is for. */
function certain(injection: Injection, workload: Workload, inventory: Inventory): Injection {
  const { settings, fleet } = inventory;
  if (injection.isInjected !== true || settings.revisions !== undefined || fleet === undefined)
    return injection;
  const asked = askedRevision(workload, inventory);
  if (asked === undefined || asked === fleet.fleet.mesh.revision) return injection;
  return {
    isInjected: undefined,
    why: `no manifest shows whether a control plane has the revision "${asked}"`,
  };
}

/** New manifests on a cluster whose pods nobody has made again: those that ran already stay as they were. What runs from
 *  time to time gets new pods anyhow. */
export function podsKept(before: readonly Pod[], after: readonly Pod[]): readonly Pod[] {
  const running = new Map(before.map((pod) => [keyOf(pod.workload), pod]));
  return after.map((pod) =>
    pod.workload.resource.known === 'CronJob' ? pod : (running.get(keyOf(pod.workload)) ?? pod),
  );
}

/** Old and new pods side by side; those that did not change, once. */
export function podsMixed(old: readonly Pod[], after: readonly Pod[]): readonly Pod[] {
  const running = new Map(old.map((pod) => [keyOf(pod.workload), pod]));
  return after.flatMap((pod) => {
    const other = running.get(keyOf(pod.workload));
    return other === undefined || other === pod || isAlike(other, pod) ? [pod] : [other, pod];
  });
}

function keyOf({ resource, namespace, name }: Workload): string {
  return `${resource.kind} ${namespace}/${name}`;
}

function isAlike(one: Pod, other: Pod): boolean {
  const { workload: first } = one;
  const { workload: second } = other;
  return (
    one.hasSidecar === other.hasSidecar &&
    first.serviceAccount === second.serviceAccount &&
    sameValue(first.labels, second.labels) &&
    sameValue(first.annotations, second.annotations) &&
    sameValue(first.podSpec, second.podSpec)
  );
}
