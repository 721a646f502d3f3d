import { stringAt } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';

/** The namespace that an object is about: its own, the one that a HelmRelease installs into, or for a Namespace the one that
 *  it is; undefined: it says none.
 *  @see https://fluxcd.io/flux/components/helm/helmreleases/#target-namespace */
export function effectiveNamespace({
  group,
  kind,
  built,
  builtName,
  builtNamespace,
}: Manifest): string | undefined {
  if (group === '' && kind === 'Namespace') return builtName;
  const target =
    group === 'helm.toolkit.fluxcd.io' && kind === 'HelmRelease'
      ? stringAt(built, 'spec', 'targetNamespace')
      : undefined;
  return target ?? builtNamespace;
}
