import { labelsAt } from '../k8s/selector.ts';
import { stringAt } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { mostFrequent } from '../model/most-frequent.ts';
import { hasPlaceholder } from './placeholder.ts';

/** What manifests show of a mesh that is there already. */
export interface InstalledMesh {
  /** The value of `istio.io/rev` that namespaces get; `default` where they only say `istio-injection: enabled`. */
  readonly revision: string | undefined;
  /** The exact version of istiod's chart. */
  readonly istioVersion: string | undefined;
}

/** Which control plane the namespaces of some clusters belong to. A label for a revision that no control plane has takes
 *  sidecars away from pods that are made after it.
 *  @param manifests  all that the clusters build
 *  @see https://istio.io/latest/docs/setup/upgrade/canary/ */
export function installedMesh(manifests: readonly Manifest[]): InstalledMesh {
  const namespaces = manifests.filter(({ group, kind }) => group === '' && kind === 'Namespace');
  const labels = namespaces.map(({ built }) => labelsAt(built, 'metadata', 'labels'));
  const revisions = labels.flatMap((each) => each['istio.io/rev'] ?? []).filter(isSaid);
  const isDefault = labels.some((each) => each['istio-injection'] === 'enabled');
  const versions = manifests
    .filter(({ group, kind }) => group === 'helm.toolkit.fluxcd.io' && kind === 'HelmRelease')
    .filter(({ built }) => stringAt(built, 'spec', 'chart', 'spec', 'chart') === 'istiod')
    .flatMap(({ built }) => stringAt(built, 'spec', 'chart', 'spec', 'version') ?? [])
    .filter((version) => /^\d+\.\d+\.\d+$/.test(version));
  return {
    revision: mostFrequent(revisions.sort()) ?? (isDefault ? 'default' : undefined),
    istioVersion: mostFrequent(versions.sort()),
  };
}

function isSaid(text: string): boolean {
  return text !== '' && !hasPlaceholder(text);
}
