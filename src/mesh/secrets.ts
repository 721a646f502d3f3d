import { listAt, objectAt, stringAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';
import { listIn } from '../model/list-in.ts';

/** A Secret that is in Git, or that something in Git makes. */
export interface KnownSecret {
  readonly namespace: string;
  readonly name: string;
  readonly hasNamespace: boolean;
  /** Whether a controller copies it to other namespaces. */
  readonly isCopied: boolean;
}

function knownSecrets(inventory: Inventory): {
  readonly byNamespace: ReadonlyMap<string, ReadonlySet<string>>;
  readonly byName: ReadonlyMap<string, readonly KnownSecret[]>;
} {
  return inventory.once(computeSecrets);
}

function computeSecrets(inventory: Inventory) {
  const byNamespace = new Map<string, Set<string>>();
  const byName = new Map<string, KnownSecret[]>();
  for (const kind of ['Secret', 'Certificate', 'ExternalSecret', 'SealedSecret', 'Ingress'] as const)
    for (const resource of inventory.of(kind))
      for (const name of namesMadeBy(resource)) {
        const { namespace, hasNamespace } = resource;
        const own = byNamespace.get(namespace) ?? new Set<string>();
        byNamespace.set(namespace, own.add(name));
        listIn(byName, name).push({ namespace, name, hasNamespace, isCopied: isCopied(resource) });
      }
  return { byNamespace, byName };
}

function namesMadeBy({ known, name, spec, annotations }: Resource): readonly string[] {
  if (known === 'Certificate') return [stringAt(spec, 'secretName') ?? name];
  if (known === 'ExternalSecret') return [stringAt(spec, 'target', 'name') ?? name];
  if (known === 'SealedSecret') return [stringAt(spec, 'template', 'metadata', 'name') ?? name];
  if (known === 'Secret') return [name];
  // cert-manager fills the Secrets of an Ingress that asks for it.
  const isIssued = Object.keys(annotations).some((key) => key.startsWith('cert-manager.io/'));
  return isIssued ? listAt(spec, 'tls').flatMap((each) => stringAt(each, 'secretName') ?? []) : [];
}

function isCopied({ spec, annotations }: Resource): boolean {
  const inTemplate = Object.keys(objectAt(spec, 'secretTemplate', 'annotations'));
  return [...Object.keys(annotations), ...inTemplate].some((key) =>
    /(reflector|replicator|kubed|replicate|sync)/.test(key),
  );
}

/** Names of the Secrets of a namespace that are in Git or made by something that is. */
export function secretsIn(namespace: string, inventory: Inventory): ReadonlySet<string> {
  return knownSecrets(inventory).byNamespace.get(namespace) ?? new Set();
}

/** The Secrets with this name, in any namespace. */
export function secretsNamed(name: string, inventory: Inventory): readonly KnownSecret[] {
  return knownSecrets(inventory).byName.get(name) ?? [];
}
