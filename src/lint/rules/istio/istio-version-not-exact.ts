import { istioReleases, minorOf } from '../../../mesh/control-plane.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'istio-version-not-exact',
  severity: 'info',
  kinds: ['HelmRelease'],
  summary: 'a release of an Istio chart whose version is a range, or any',
  why: 'Flux then upgrades Istio whenever a chart is published, each chart at its own moment and each cluster at another. Charts of different versions do not work together, and a rollback in Git rolls nothing back.',
  fix: 'Pin every chart of Istio to the same exact version.',
  equivalent: [],
  see: [
    'https://fluxcd.io/flux/components/helm/helmreleases/',
    'https://istio.io/latest/docs/releases/supported-releases/',
  ],
  *check(inventory) {
    for (const { resource, chart, version, versionPath, isVersionElsewhere } of istioReleases(inventory)) {
      if (chart === 'operator' || (isVersionElsewhere && version === undefined)) continue;
      if (version !== undefined && (hasPlaceholder(version) || minorOf(version) !== undefined)) continue;
      yield {
        resource,
        path: version === undefined ? versionPath.slice(0, -1) : versionPath,
        ...(version === undefined && { at: 'key' }),
        message:
          version === undefined
            ? `The chart ${chart} has no version, so Flux installs the newest there is.`
            : `The version "${version}" of the chart ${chart} is not an exact one, so Flux upgrades Istio by itself.`,
      };
    }
  },
});
