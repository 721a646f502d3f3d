import { ownerOf } from '../k8s/other-owners.ts';
import { hasLabels, labelsAt, type Labels } from '../k8s/selector.ts';
import type { KustomizeTree, Manifest } from '../model/manifest.ts';

/** The labels of the pods behind a Service, one set each, since a policy's selector takes one: those that its manifest or the
 *  fleet selects, first, and those of pods that a controller makes and Git does not show.
 *  @param name  of the Service, as it is built
 *  @param manifest  undefined: Git does not show it
 *  @param declared  labels that the fleet declares
 *  @returns none: they are not known */
export function podsBehind(
  name: string,
  manifest: Manifest | undefined,
  declared: Labels | undefined,
  tree: KustomizeTree,
): readonly Labels[] {
  const made = ownerOf(name, tree.manifests)?.owned.pods ?? [];
  const written = labelsAt(manifest?.built, 'spec', 'selector');
  const own = declared ?? (Object.keys(written).length > 0 ? written : undefined);
  if (own === undefined) return manifest === undefined ? made : [];
  return [own, ...(manifest === undefined ? [] : made.filter((each) => !hasLabels(each, own)))];
}
