import { asksForSidecars } from '../../facts/mesh-use.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { knownRevisions } from '../../../mesh/revisions.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'unknown-revision',
  severity: 'warning',
  kinds: ['Namespace', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod', 'Rollout'],
  summary: 'an `istio.io/rev` label for which no control plane is known',
  why: "The label must name a revision or a revision tag. With any other value no webhook matches: pods silently start without a sidecar (1/1). The rule applies only if the revisions are known, from manifests of the control plane or from the fleet file. It is a warning, because a tag that was created manually with `istioctl tag set` can't be seen.",
  fix: 'Use a value from `revision` or `revisionTags` of the istiod release.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/setup/upgrade/canary/',
    'https://istio.io/latest/docs/ops/common-problems/injection/',
  ],
  *check(inventory) {
    const revisions = knownRevisions(inventory);
    if (revisions === undefined) return;
    const { all, preferred } = revisions;
    const known = all.map((each) => `"${each}"`).join(', ');
    const isUnknown = (revision: string | undefined): revision is string =>
      revision !== undefined && !hasPlaceholder(revision) && !all.includes(revision);
    const fix = preferred === undefined ? {} : { fix: `Use istio.io/rev: ${preferred}.` };
    for (const resource of inventory.of('Namespace')) {
      const revision = resource.labels['istio.io/rev'];
      if (!isUnknown(revision) || resource.labels['istio-injection'] !== undefined) continue;
      yield {
        resource,
        path: ['metadata', 'labels', 'istio.io/rev'],
        message: `No known control plane has the revision or tag "${revision}", only ${known}, so nothing is injected here.`,
        ...fix,
      };
    }
    for (const workload of inventory.workloads) {
      const revision = workload.labels['istio.io/rev'];
      // Labels of the namespace decide before those of the pod.
      if (!isUnknown(revision) || asksForSidecars(inventory, workload.namespace) === true) continue;
      if (inventory.namespaceLabels(workload.namespace)?.['istio-injection'] !== undefined) continue;
      yield {
        resource: workload.resource,
        path: [...workload.templatePath, 'metadata', 'labels', 'istio.io/rev'],
        message: `No known control plane has the revision or tag "${revision}", only ${known}, so these pods get no sidecar.`,
        ...fix,
      };
    }
  },
});
