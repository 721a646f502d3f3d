import { istioReleases, minorOf } from '../../../mesh/control-plane.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'istio-version-not-exact',
  severity: 'info',
  kinds: ['HelmRelease'],
  summary: 'an Istio HelmRelease without an exact chart version',
  why: 'Flux then upgrades Istio whenever a chart is published, at a different time for each chart and cluster. Charts with different versions do not work together, and reverting a commit does not roll anything back.',
  fix: 'Pin every Istio chart to the same exact version.',
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
            ? `The chart ${chart} has no version, so Flux installs the latest one.`
            : `The version "${version}" of the chart ${chart} is a range, so Flux upgrades Istio automatically.`,
      };
    }
  },
});
