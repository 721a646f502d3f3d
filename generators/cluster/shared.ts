import type { ClusterGenerator } from '../../src/model/generator.ts';

/** Keeps the view's type between a generator's own members; the table of contents sees them all alike. */
export function clusterGenerator<View>(definition: ClusterGenerator<View>): ClusterGenerator {
  return definition;
}

/** A text in which Flux finds no variable: `${` becomes `$${`, which Flux gives out as it was.
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution */
export function escaped(text: string): string {
  // As a function: in a replacement text, $$ would mean $.
  return text.replaceAll('${', () => '$${');
}
