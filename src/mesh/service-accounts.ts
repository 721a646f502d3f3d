import type { Inventory } from './inventory.ts';

/** The accounts of a namespace that manifests declare, or that pods run as. `default` is always there. */
export function serviceAccountsIn(namespace: string, inventory: Inventory): ReadonlySet<string> {
  return inventory.once(accountsOf, namespace);
}

function accountsOf(namespace: string, inventory: Inventory): ReadonlySet<string> {
  return new Set([
    'default',
    ...inventory.inNamespace('ServiceAccount', namespace).map(({ name }) => name),
    ...inventory.workloadsIn(namespace).map(({ serviceAccount }) => serviceAccount),
  ]);
}
