import type { Fleet } from '../model/fleet.ts';
import type { KindName, Resource } from '../model/resource.ts';
import { HostsCovering } from './hosts-covering.ts';
import { injectionOf, type Injection } from './injection.ts';
import { hasLabels } from './selector.ts';
import { serviceEntryOf, serviceOf, type Service, type ServiceEntry } from './service.ts';
import type { MeshSettings } from './settings.ts';
import { workloadOf, type Workload } from './workload.ts';
import { listIn } from './list-in.ts';

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
  readonly #cache = new Map<string, unknown>();
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
      const key = `${known} ${namespace}/${name}`;
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
    return this.#byName.get(`${kind} ${namespace}/${name}`);
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
    const known = this.once(
      'namespaces',
      () => new Map(this.of('Namespace').map((each) => [each.name, each])),
    );
    return known.get(name);
  }

  get services(): readonly Service[] {
    return this.once('services', () => this.of('Service').map((each) => serviceOf(each, this.settings)));
  }

  servicesIn(namespace: string): readonly Service[] {
    const known = this.once('services by namespace', () =>
      grouped(this.services, ({ namespace: own }) => own),
    );
    return known.get(namespace) ?? [];
  }

  /** The service with this full name. */
  serviceAt(host: string): Service | undefined {
    return this.once('services by host', () => new Map(this.services.map((each) => [each.host, each]))).get(
      host,
    );
  }

  get serviceEntries(): readonly ServiceEntry[] {
    return this.once('service entries', () => this.of('ServiceEntry').map(serviceEntryOf));
  }

  /** The ServiceEntries that have this very host. */
  entriesAt(host: string): readonly ServiceEntry[] {
    const known = this.once('entries by host', () => {
      const found = new Map<string, ServiceEntry[]>();
      for (const entry of this.serviceEntries)
        for (const each of entry.hosts) listIn(found, each).push(entry);
      return found;
    });
    return known.get(host) ?? [];
  }

  /** The ServiceEntries whose hosts hold all that `host`, maybe a wildcard, stands for. */
  entriesCovering(host: string): readonly ServiceEntry[] {
    const known = this.once('entries by host pattern', () => {
      const found = new HostsCovering<ServiceEntry>();
      for (const entry of this.serviceEntries) for (const each of entry.hosts) found.add(each, entry);
      return found;
    });
    return known.covering(host);
  }

  get workloads(): readonly Workload[] {
    return this.once('workloads', () =>
      this.resources.flatMap((resource) => {
        const workload = resource.known === undefined ? undefined : workloadOf(resource);
        return workload ?? [];
      }),
    );
  }

  workloadsIn(namespace: string): readonly Workload[] {
    const known = this.once('workloads by namespace', () =>
      grouped(this.workloads, ({ namespace: own }) => own),
    );
    return known.get(namespace) ?? [];
  }

  /** The workloads of a namespace whose pods have these labels; none for a service without a selector. */
  workloadsOf(service: Pick<Service, 'namespace' | 'selector'>): readonly Workload[] {
    const { selector, namespace } = service;
    if (selector === undefined) return [];
    return this.workloadsWith(namespace, selector);
  }

  /** The workloads of a namespace whose pods have all these labels. */
  workloadsWith(namespace: string, wanted: Readonly<Record<string, string>>): readonly Workload[] {
    const known = this.once('workloads by label', () => {
      const found = new Map<string, Workload[]>();
      for (const workload of this.workloads)
        for (const [key, value] of Object.entries(workload.labels))
          listIn(found, `${workload.namespace} ${key}=${value}`).push(workload);
      return found;
    });
    let fewest: readonly Workload[] = this.workloadsIn(namespace);
    for (const [key, value] of Object.entries(wanted)) {
      const bucket = known.get(`${namespace} ${key}=${value}`) ?? [];
      if (bucket.length < fewest.length) fewest = bucket;
    }
    return fewest.filter(({ labels }) => hasLabels(labels, wanted));
  }

  injectionOf(workload: Workload): Injection {
    const known = this.once('injections', () => new Map<Workload, Injection>());
    const found = known.get(workload) ?? injectionOf(workload, this);
    known.set(workload, found);
    return found;
  }

  /** Computes a value the first time it is asked for. Rules keep indexes of their own here, under their own id.
   *  @param key  names the value; the same key is the same type everywhere */
  once<T>(key: string, compute: () => T): T {
    if (this.#cache.has(key)) return this.#cache.get(key) as T;
    const value = compute();
    this.#cache.set(key, value);
    return value;
  }

  /** The same for a value of each of many subjects: a namespace, a workload, an object.
   *  @param key  names the values of all of them */
  onceFor<T>(key: string, subject: unknown, compute: () => T): T {
    const known = this.once(key, () => new Map<unknown, { readonly value: T }>());
    let found = known.get(subject);
    if (found === undefined) known.set(subject, (found = { value: compute() }));
    return found.value;
  }
}

function grouped<T>(values: readonly T[], keyOf: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const value of values) listIn(found, keyOf(value)).push(value);
  return found;
}
