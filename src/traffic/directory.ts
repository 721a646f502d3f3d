import { keyOf } from '../model/key-of.ts';
import type { Inventory } from '../mesh/inventory.ts';
import { hasLabels } from '../k8s/selector.ts';
import type { NamespaceSpec } from '../model/fleet.ts';

/** Which services there are, to find the one that a tool means by the name of a workload. */
export class Directory {
  /** Of services, by namespace and name. */
  readonly #services = new Set<string>();
  /** The Service of a workload, or of an account; undefined: several. */
  readonly #byWorkload = new Map<string, string | undefined>();
  readonly #byAccount = new Map<string, string | undefined>();
  /** Namespaces that have a service of this name. */
  readonly #namespaces = new Map<string, Set<string>>();

  /** @param inventory  what is read of the repositories; its pods say which workload is behind which Service */
  constructor(specs: readonly NamespaceSpec[], inventory?: Inventory) {
    for (const { namespace, services } of specs)
      for (const { name, serviceAccount } of services) {
        this.#add(namespace, name);
        if (serviceAccount !== 'default') add(this.#byAccount, keyOf(namespace, serviceAccount), name);
      }
    if (inventory === undefined) return;
    for (const { namespace, name, selector } of inventory.services) {
      this.#add(namespace, name);
      if (selector === undefined) continue;
      for (const workload of inventory.workloadsIn(namespace))
        if (hasLabels(workload.labels, selector))
          add(this.#byWorkload, keyOf(namespace, workload.name), name);
    }
  }

  #add(namespace: string, name: string): void {
    this.#services.add(keyOf(namespace, name));
    const known = this.#namespaces.get(name) ?? new Set();
    this.#namespaces.set(name, known.add(namespace));
  }

  has(namespace: string, name: string): boolean {
    return this.#services.has(keyOf(namespace, name));
  }

  /** The Service a tool means; the first name as it is, where none is known.
   *  @param names  candidates, the best first */
  serviceOf(namespace: string, names: readonly string[], account: string | undefined): string {
    for (const name of names) {
      const behind = this.#byWorkload.get(keyOf(namespace, name));
      if (behind !== undefined) return behind;
      if (this.has(namespace, name)) return name;
    }
    const ofAccount = account === undefined ? undefined : this.#byAccount.get(keyOf(namespace, account));
    return ofAccount ?? names[0] ?? '';
  }

  /** The one namespace that has a service of this name; undefined: none, or several. */
  namespaceOf(name: string): string | undefined {
    const [first, second] = this.#namespaces.get(name) ?? [];
    return second === undefined ? first : undefined;
  }
}

function add(map: Map<string, string | undefined>, key: string, value: string): void {
  map.set(key, map.has(key) && map.get(key) !== value ? undefined : value);
}
