import type { Fleet } from '../model/fleet.ts';
import { keyOf } from '../model/key-of.ts';
import type { KindName, Resource } from '../model/resource.ts';
import { HostsCovering } from '../k8s/hosts-covering.ts';
import { injectionOf, type Injection } from './injection.ts';
import { hasLabels, type Labels } from '../k8s/selector.ts';
import { serviceEntryOf, serviceOf, type Service, type ServiceEntry } from './service.ts';
import type { MeshSettings } from './settings.ts';
import { workloadOf, type Workload } from './workload.ts';
import { listIn } from '../model/list-in.ts';

const none: readonly Resource[] = [];

/** A fleet, as it bears on one cluster. */
export interface FleetView {
  readonly fleet: Fleet;
  /** The one environment that the objects are of; undefined: not known, or several. */
  readonly environment: string | undefined;
}

/** The objects that one cluster would hold, indexed. Everything is computed when it is first asked for. */
export class Inventory {
  readonly settings: MeshSettings;
  readonly resources: readonly Resource[];
  /** What the fleet file declares, when there is one. */
  readonly fleet: FleetView | undefined;
  readonly #byKind = new Map<KindName, Resource[]>();
  readonly #byNamespace = new Map<KindName, Map<string, Resource[]>>();
  readonly #byName = new Map<string, Resource>();
  readonly #namespaces = new Set<string>();
  readonly #known = new Branch();
  readonly #isPartial: boolean;

  /** @param isPartial  whether what surrounds these objects was left out */
  constructor(resources: readonly Resource[], settings: MeshSettings, fleet?: FleetView, isPartial = false) {
    this.#isPartial = isPartial;
    this.resources = resources;
    this.settings = settings;
    this.fleet = fleet;
    for (const resource of resources) {
      const { known, namespace, name } = resource;
      if (known === undefined) continue;
      listIn(this.#byKind, known).push(resource);
      const ofKind = this.#byNamespace.get(known) ?? new Map<string, Resource[]>();
      this.#byNamespace.set(known, ofKind);
      listIn(ofKind, namespace).push(resource);
      const key = keyOf(known, namespace, name);
      if (!this.#byName.has(key)) this.#byName.set(key, resource);
      if (known !== 'Namespace' && known !== 'Secret') this.#namespaces.add(namespace);
    }
  }

  of(kind: KindName): readonly Resource[] {
    return this.#byKind.get(kind) ?? [];
  }

  inNamespace(kind: KindName, namespace: string): readonly Resource[] {
    return this.#byNamespace.get(kind)?.get(namespace) ?? none;
  }

  find(kind: KindName, namespace: string, name: string): Resource | undefined {
    return this.#byName.get(keyOf(kind, namespace, name));
  }

  /** Whether objects of this namespace were read, so that what is not among them may be called missing. */
  isRead(namespace: string): boolean {
    return !this.#isPartial && this.#namespaces.has(namespace);
  }

  /** Labels of a Namespace; undefined: its manifest was not read. */
  namespaceLabels(namespace: string): Readonly<Record<string, string>> | undefined {
    return this.namespace(namespace)?.labels;
  }

  namespace(name: string): Resource | undefined {
    return this.once(namespacesByName).get(name);
  }

  get services(): readonly Service[] {
    return this.once(servicesOf);
  }

  servicesIn(namespace: string): readonly Service[] {
    return this.once(servicesByNamespace).get(namespace) ?? [];
  }

  /** The service with this full name. */
  serviceAt(host: string): Service | undefined {
    return this.once(servicesByHost).get(host);
  }

  get serviceEntries(): readonly ServiceEntry[] {
    return this.once(serviceEntriesOf);
  }

  /** The ServiceEntries that have this very host. */
  entriesAt(host: string): readonly ServiceEntry[] {
    return this.once(entriesByHost).get(host) ?? [];
  }

  /** The ServiceEntries whose hosts hold all that `host`, maybe a wildcard, stands for. */
  entriesCovering(host: string): readonly ServiceEntry[] {
    return this.once(entriesByPattern).covering(host);
  }

  get workloads(): readonly Workload[] {
    return this.once(workloadsOf);
  }

  workloadsIn(namespace: string): readonly Workload[] {
    return this.once(workloadsByNamespace).get(namespace) ?? [];
  }

  /** The workloads of a namespace whose pods have these labels; none for a service without a selector. */
  workloadsOf(service: Pick<Service, 'namespace' | 'selector'>): readonly Workload[] {
    const { selector, namespace } = service;
    if (selector === undefined) return [];
    return this.workloadsWith(namespace, selector);
  }

  /** The workloads of a namespace whose pods have all these labels. */
  workloadsWith(namespace: string, wanted: Labels): readonly Workload[] {
    const known = this.once(workloadsByLabel);
    let fewest: readonly Workload[] = this.workloadsIn(namespace);
    for (const [key, value] of Object.entries(wanted)) {
      const bucket = known.get(keyOf(namespace, key, value)) ?? [];
      if (bucket.length < fewest.length) fewest = bucket;
    }
    return fewest.filter(({ labels }) => hasLabels(labels, wanted));
  }

  injectionOf(workload: Workload): Injection {
    return this.once(injectionOf, workload);
  }

  /** The first of the selectors asked for that has the same labels, whatever their order: a subject for `once`. */
  selectorLike(selector: Labels): Labels {
    const known = this.once(selectorsAsked);
    const key = JSON.stringify(Object.entries(selector).sort());
    const found = known.get(key) ?? selector;
    known.set(key, found);
    return found;
  }

  /** Computes a value the first time it is asked for. What is remembered is known by the function itself and by its
   *  subjects, never by a name: two functions can't take each other's values.
   *  @param compute  a function of a module's top level: one made at each call would never be found again
   *  @param subjects  compared by identity: texts, numbers, objects of this inventory */
  once<T>(compute: (inventory: Inventory) => T): T;
  once<A, T>(compute: (subject: A, inventory: Inventory) => T, subject: A): T;
  once<A, B, T>(compute: (subject: A, other: B, inventory: Inventory) => T, subject: A, other: B): T;
  once(compute: (...of: never[]) => unknown, ...subjects: readonly unknown[]): unknown {
    let branch = this.#known.at(compute);
    for (const subject of subjects) branch = branch.at(subject);
    branch.found ??= { value: (compute as (...of: unknown[]) => unknown)(...subjects, this) };
    return branch.found.value;
  }
}

/** What is remembered below a function and some of its subjects. */
class Branch {
  readonly #next = new Map<unknown, Branch>();
  found: { readonly value: unknown } | undefined;

  at(key: unknown): Branch {
    const known = this.#next.get(key) ?? new Branch();
    this.#next.set(key, known);
    return known;
  }
}

function namespacesByName(inventory: Inventory): ReadonlyMap<string, Resource> {
  return new Map(inventory.of('Namespace').map((each) => [each.name, each]));
}

function servicesOf(inventory: Inventory): readonly Service[] {
  return inventory.of('Service').map((each) => serviceOf(each, inventory.settings));
}

function servicesByNamespace({ services }: Inventory): ReadonlyMap<string, readonly Service[]> {
  return grouped(services, ({ namespace }) => namespace);
}

function servicesByHost({ services }: Inventory): ReadonlyMap<string, Service> {
  return new Map(services.map((each) => [each.host, each]));
}

function serviceEntriesOf(inventory: Inventory): readonly ServiceEntry[] {
  return inventory.of('ServiceEntry').map(serviceEntryOf);
}

function entriesByHost({ serviceEntries }: Inventory): ReadonlyMap<string, readonly ServiceEntry[]> {
  const found = new Map<string, ServiceEntry[]>();
  for (const entry of serviceEntries) for (const each of entry.hosts) listIn(found, each).push(entry);
  return found;
}

function entriesByPattern({ serviceEntries }: Inventory): HostsCovering<ServiceEntry> {
  const found = new HostsCovering<ServiceEntry>();
  for (const entry of serviceEntries) for (const each of entry.hosts) found.add(each, entry);
  return found;
}

function workloadsOf({ resources }: Inventory): readonly Workload[] {
  return resources.flatMap((resource) => {
    const workload = resource.known === undefined ? undefined : workloadOf(resource);
    return workload ?? [];
  });
}

function workloadsByNamespace({ workloads }: Inventory): ReadonlyMap<string, readonly Workload[]> {
  return grouped(workloads, ({ namespace }) => namespace);
}

function workloadsByLabel({ workloads }: Inventory): ReadonlyMap<string, readonly Workload[]> {
  const found = new Map<string, Workload[]>();
  for (const workload of workloads)
    for (const [key, value] of Object.entries(workload.labels))
      listIn(found, keyOf(workload.namespace, key, value)).push(workload);
  return found;
}

function selectorsAsked(): Map<string, Labels> {
  return new Map();
}

function grouped<T>(values: readonly T[], keyOf: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const value of values) listIn(found, keyOf(value)).push(value);
  return found;
}
