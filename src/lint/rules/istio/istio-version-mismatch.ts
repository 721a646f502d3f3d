import { stringAt, type YamlPath } from '../../../model/json.ts';
import { compareMinors, istioReleases, minorOf, type IstioRelease } from '../../../mesh/control-plane.ts';
import { rule, type Finding } from '../../rule.ts';

/** Where a chart's values, or an IstioOperator's, name the version of its images. */
const tags: readonly YamlPath[] = [['global', 'tag'], ['tag'], ['pilot', 'tag']];

export default rule({
  id: 'istio-version-mismatch',
  severity: 'error',
  kinds: ['HelmRelease', 'IstioOperator'],
  summary: 'charts and images of Istio of different minor versions',
  why: 'The istiod chart brings the template of the sidecar, and istiod’s image fills it in. A template of another minor version names fields that the image does not have: injection fails with "can’t evaluate field", and no new pod starts in any namespace. A proxy, a gateway or a CNI plug-in that is newer than every istiod, and CRDs that are older, are not supported together; that is a warning.',
  fix: 'Give all of Istio’s charts, and their image tags, the same exact version.',
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
            ? `The CRDs are of Istio ${minor}, older than istiod, which is ${newest}.`
            : `The chart ${chart} is of Istio ${minor}, newer than istiod, which is ${newest}.`,
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
      message: `The images are of Istio ${ofImages}, and the ${chart === 'operator' ? 'IstioOperator' : `chart ${chart}`} is of ${minor}.`,
    };
  }
}
