import type { ClusterGenerator } from '../../src/model/generator.ts';

/** Keeps the view's type between a generator's own members; the table of contents sees them all alike. */
export function clusterGenerator<View>(definition: ClusterGenerator<View>): ClusterGenerator {
  return definition;
}
