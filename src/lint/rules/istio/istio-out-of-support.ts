import { compareMinors, istioReleases, minorOf } from '../../../mesh/control-plane.ts';
import { rule } from '../../rule.ts';

/** The oldest version whose behaviour the rules and the simulator describe; those before have no fixes any more.
 *  https://istio.io/latest/docs/releases/supported-releases/ */
const oldest = '1.28';

export default rule({
  id: 'istio-out-of-support',
  severity: 'warning',
  kinds: ['HelmRelease', 'IstioOperator'],
  summary: 'a version of Istio older than 1.28',
  why: 'A minor version of Istio gets fixes until six weeks after the second one after it. Older ones have known holes in Envoy that are not closed, and behave otherwise in places: sidecars are not native ones before 1.27, so Jobs do not end.',
  fix: 'Upgrade Istio, one minor version at a time, before moving namespaces into the mesh.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/releases/supported-releases/'],
  *check(inventory) {
    for (const { resource, version, versionPath } of istioReleases(inventory)) {
      const minor = minorOf(version);
      if (minor === undefined || compareMinors(minor, oldest) >= 0) continue;
      yield {
        resource,
        path: versionPath,
        message: `Istio ${minor} is no longer supported.`,
      };
    }
  },
});
