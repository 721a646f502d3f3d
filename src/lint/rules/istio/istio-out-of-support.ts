import { compareMinors, istioReleases, minorOf } from '../../../mesh/control-plane.ts';
import { rule } from '../../rule.ts';

/** The oldest version whose behaviour the rules and the simulator describe; earlier ones no longer get fixes.
 *  https://istio.io/latest/docs/releases/supported-releases/ */
const oldest = '1.28';

export default rule({
  id: 'istio-out-of-support',
  severity: 'warning',
  kinds: ['HelmRelease', 'IstioOperator'],
  summary: 'an Istio version older than 1.28',
  why: 'An Istio minor version gets fixes until six weeks after the release of the second version that follows it. Older versions have known Envoy vulnerabilities that are never fixed, and partly behave differently: before 1.27 sidecars are not native by default, so Jobs do not finish.',
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
