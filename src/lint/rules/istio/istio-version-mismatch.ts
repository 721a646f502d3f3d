import { stringAt, type YamlPath } from '../../../model/json.ts';
import { compareMinors, istioReleases, minorOf, type IstioRelease } from '../../../mesh/control-plane.ts';
import { rule, type Finding } from '../../rule.ts';

/** Where the values of a chart or an IstioOperator set the image version. */
const tags: readonly YamlPath[] = [['global', 'tag'], ['tag'], ['pilot', 'tag']];

export default rule({
  id: 'istio-version-mismatch',
  severity: 'error',
  kinds: ['HelmRelease', 'IstioOperator'],
  summary: 'Istio charts and images with different minor versions',
  why: 'The istiod chart contains the sidecar template, and the istiod image renders it. A template from a different minor version may use fields that the image does not know: injection then fails with "can’t evaluate field", and no new pod starts in any namespace. A proxy, gateway or CNI plug-in that is newer than every istiod, or CRDs that are older, are unsupported, which is a warning.',
  fix: 'Set the same exact version for all Istio charts and their image tags.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/releases/supported-releases/',
    'https://istio.io/latest/docs/setup/upgrade/helm/',
  ],
  *check(inventory) {
    const releases = istioReleases(inventory);
    for (const release of releases) yield* againstImages(release);
    const control = releases
      .filter(({ chart }) => chart === 'istiod')
      .flatMap(({ version }) => minorOf(version) ?? [])
      .sort(compareMinors);
    const newest = control.at(-1);
    if (newest === undefined) return;
    for (const { resource, chart, version, versionPath } of releases) {
      const minor = minorOf(version);
      if (minor === undefined || chart === 'istiod' || chart === 'operator') continue;
      const difference = compareMinors(minor, newest);
      if (chart === 'base' ? difference >= 0 : difference <= 0) continue;
      yield {
        resource,
        path: versionPath,
        severity: 'warning',
        message:
          chart === 'base'
            ? `The CRDs are from Istio ${minor}, which is older than istiod (${newest}).`
            : `The chart ${chart} is from Istio ${minor}, which is newer than istiod (${newest}).`,
      };
    }
  },
});

function* againstImages({ resource, chart, version, values, valuesPath }: IstioRelease): Iterable<Finding> {
  const minor = minorOf(version);
  if (minor === undefined) return;
  for (const path of tags) {
    const tag = stringAt(values, ...path.map(String));
    const ofImages = minorOf(tag);
    if (ofImages === undefined || ofImages === minor) continue;
    yield {
      resource,
      path: [...valuesPath, ...path],
      ...(chart !== 'istiod' && { severity: 'warning' }),
      message: `The images are from Istio ${ofImages}, but the ${chart === 'operator' ? 'IstioOperator' : `chart ${chart}`} is from ${minor}.`,
    };
  }
}
