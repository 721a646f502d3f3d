import { annotatedPlaces, annotationFacts } from '../../facts/annotations.ts';
import { objectAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

const inject = 'sidecar.istio.io/inject';

/** What took an annotation's place. */
const instead: Readonly<Record<string, string>> = {
  [inject]: 'Use the label of the same name, in the pod template.',
  'sidecar.istio.io/extraStatTags': 'Use extraStatTags of proxy.istio.io/config.',
  'sidecar.istio.io/statsInclusionPrefixes': 'Use proxyStatsMatcher of proxy.istio.io/config.',
  'sidecar.istio.io/statsInclusionSuffixes': 'Use proxyStatsMatcher of proxy.istio.io/config.',
  'sidecar.istio.io/statsInclusionRegexps': 'Use proxyStatsMatcher of proxy.istio.io/config.',
  'sidecar.istio.io/discoveryAddress': 'Use discoveryAddress of proxy.istio.io/config.',
  'traffic.sidecar.istio.io/kubevirtInterfaces': 'Use istio.io/reroute-virtual-interfaces.',
};

export default rule({
  id: 'annotation-deprecated',
  severity: 'info',
  kinds: [
    'Namespace',
    'Service',
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'Job',
    'CronJob',
    'Pod',
    'Rollout',
  ],
  summary: 'an annotation of Istio that is deprecated',
  why: 'It still works, and a release to come will ignore it. `sidecar.istio.io/inject` is the one that matters: as a label the webhooks see it before they are called, so a pod that opts out can start while the control plane is down, and one that opts in needs no label on its namespace.',
  fix: 'Use what took its place.',
  equivalent: ['IST0135'],
  see: [
    'https://istio.io/latest/docs/reference/config/annotations/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0135/',
  ],
  *check(inventory) {
    for (const { resource, path, annotations } of annotatedPlaces(inventory))
      for (const name of Object.keys(annotations)) {
        if (annotationFacts(name)?.isDeprecated !== true) continue;
        // Both are written for old and new control planes: whoever does so knows.
        const labels = objectAt(resource.value, ...path.slice(0, -1), 'labels');
        if (name === inject && Object.hasOwn(labels, inject)) continue;
        yield {
          resource,
          path: [...path, name],
          at: 'key',
          message: `The annotation "${name}" is deprecated.`,
          ...(Object.hasOwn(instead, name) && { fix: instead[name] ?? '' }),
        };
      }
  },
});
