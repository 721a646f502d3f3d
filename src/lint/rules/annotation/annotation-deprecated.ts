import { annotationMaps, annotationFacts } from '../../facts/annotations.ts';
import { objectAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

const inject = 'sidecar.istio.io/inject';

/** What replaces each deprecated annotation. */
const instead: Readonly<Record<string, string>> = {
  [inject]: 'Use the label of the same name in the pod template.',
  'sidecar.istio.io/extraStatTags': 'Set extraStatTags in proxy.istio.io/config.',
  'sidecar.istio.io/statsInclusionPrefixes': 'Set proxyStatsMatcher in proxy.istio.io/config.',
  'sidecar.istio.io/statsInclusionSuffixes': 'Set proxyStatsMatcher in proxy.istio.io/config.',
  'sidecar.istio.io/statsInclusionRegexps': 'Set proxyStatsMatcher in proxy.istio.io/config.',
  'sidecar.istio.io/discoveryAddress': 'Set discoveryAddress in proxy.istio.io/config.',
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
  summary: 'a deprecated Istio annotation',
  why: 'It still works, but a future release may ignore it. `sidecar.istio.io/inject` matters most: the API server matches the label before it calls the webhook, so a pod that opts out can start while the control plane is down, and a pod that opts in does not need a label on its namespace.',
  fix: 'Use its replacement.',
  equivalent: ['IST0135'],
  see: [
    'https://istio.io/latest/docs/reference/config/annotations/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0135/',
  ],
  *check(inventory) {
    for (const { resource, path, annotations } of annotationMaps(inventory))
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
