import { labelsAt } from '../k8s/selector.ts';
import { objectAt, stringAt, type JsonValue } from '../model/json.ts';
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

/** What shows that a mesh runs in ambient mode: its ztunnel, or the profile of its releases; undefined: nothing does.
 *  @see https://istio.io/latest/docs/ambient/install/helm/ */
export function ambientSign(manifests: readonly Manifest[]): Manifest | undefined {
  return manifests.find(({ group, kind, built, builtName }) => {
    if (kind === 'DaemonSet' && builtName === 'ztunnel') return true;
    if (kind === 'IstioOperator') return stringAt(built, 'spec', 'profile') === 'ambient';
    if (group !== 'helm.toolkit.fluxcd.io' || kind !== 'HelmRelease') return false;
    const isOfIstio = ['istiod', 'cni', 'istio-cni', 'base'].includes(chartOf(built));
    const values = objectAt(built, 'spec', 'values');
    const profile = stringAt(values, 'profile') ?? stringAt(values, 'global', 'profile');
    return chartOf(built) === 'ztunnel' || (isOfIstio && profile === 'ambient');
  });
}

/** Whether a manifest is a HelmRelease of one of Istio's own charts: its gateways are no application. */
export function isIstioRelease({ group, kind, built, builtName, builtNamespace = '' }: Manifest): boolean {
  if (group !== 'helm.toolkit.fluxcd.io' || kind !== 'HelmRelease') return false;
  const chart = chartOf(built);
  if (chart === 'istiod' || chart === 'ztunnel') return true;
  // Others have charts of these names too.
  const source = stringAt(built, 'spec', 'chart', 'spec', 'sourceRef', 'name') ?? '';
  return (
    ['base', 'cni', 'gateway', 'istio-base', 'istio-cni', 'istio-gateway', 'istio-ingress'].includes(chart) &&
    [chart, source, builtName, builtNamespace].some((each) => each.includes('istio'))
  );
}

/** The chart that a HelmRelease names, without the folder or the registry. */
function chartOf(release: JsonValue): string {
  const said =
    stringAt(release, 'spec', 'chart', 'spec', 'chart') ??
    stringAt(release, 'spec', 'chartRef', 'name') ??
    '';
  return said.split('/').at(-1) ?? '';
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
  const releases = manifests
    .filter(({ group, kind }) => group === 'helm.toolkit.fluxcd.io' && kind === 'HelmRelease')
    .filter(({ built }) => chartOf(built) === 'istiod');
  // A namespace that asks for it comes first: with tags, the name of the revision is not what labels say.
  const installed = releases.map(({ built }) => stringAt(built, 'spec', 'values', 'revision') ?? '');
  const ofRelease = mostFrequent(installed.filter((each) => !hasPlaceholder(each)).sort());
  const versions = releases
    .flatMap(({ built }) => stringAt(built, 'spec', 'chart', 'spec', 'version') ?? [])
    .filter((version) => /^\d+\.\d+\.\d+$/.test(version));
  return {
    revision: mostFrequent(revisions.sort()) ?? (isDefault || ofRelease === '' ? 'default' : ofRelease),
    istioVersion: mostFrequent(versions.sort()),
  };
}

function isSaid(text: string): boolean {
  return text !== '' && !hasPlaceholder(text);
}
