import { isApplication } from '../k8s/application.ts';
import { effectiveNamespace } from '../k8s/effective-namespace.ts';
import type { KustomizeTree, Manifest } from '../model/manifest.ts';
import type { NamespaceName } from '../model/named.ts';

/** What one namespace has of the objects that a directory builds. */
export interface NamespacePart {
  readonly tree: KustomizeTree;
  /** Whether the directory builds applications of other namespaces too: then nothing is said of all that it builds. */
  readonly isShared: boolean;
  /** An object of another namespace; undefined: there is none. */
  readonly foreign: Manifest | undefined;
  /** Whether anything is of this namespace. */
  readonly isThere: boolean;
}

const parts = new WeakMap<KustomizeTree, Map<NamespaceName, NamespacePart>>();

/** The part of a directory that belongs to a namespace: one directory may build several, as an overlay of all applications
 *  of an environment does. What the directory shares with all of them, such as cluster roles, is in the part.
 *  @see https://github.com/fluxcd/flux2-kustomize-helm-example */
export function namespacePart(tree: KustomizeTree, namespace: NamespaceName): NamespacePart {
  const known = parts.get(tree) ?? new Map<NamespaceName, NamespacePart>();
  parts.set(tree, known);
  const found = known.get(namespace) ?? partOf(tree, namespace);
  known.set(namespace, found);
  return found;
}

function partOf(tree: KustomizeTree, namespace: NamespaceName): NamespacePart {
  const isForeign = (manifest: Manifest) => {
    const its = effectiveNamespace(manifest);
    return its !== undefined && its !== namespace;
  };
  const others = tree.manifests.filter(isForeign);
  const isNamespace = ({ group, kind }: Manifest) => group === '' && kind === 'Namespace';
  const foreign = others.find(isApplication) ?? others.find(isNamespace);
  return {
    tree:
      foreign === undefined
        ? tree
        : { ...tree, manifests: tree.manifests.filter((each) => !isForeign(each)) },
    isShared: foreign !== undefined,
    foreign:
      foreign ??
      others.find(({ group, kind }) => !isFlux(group) && kind !== 'Role' && kind !== 'RoleBinding'),
    isThere: tree.manifests.some((manifest) => effectiveNamespace(manifest) === namespace),
  };
}

/** Flux' own objects live in flux-system, whatever they are about. */
function isFlux(group: string): boolean {
  return group.endsWith('.toolkit.fluxcd.io');
}
