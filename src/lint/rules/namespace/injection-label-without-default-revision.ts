import { knownRevisions } from '../../../mesh/revisions.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'injection-label-without-default-revision',
  severity: 'error',
  kinds: ['Namespace'],
  summary: '`istio-injection: enabled` without a control plane for the default revision',
  why: 'Only the revision or revision tag named `default` handles the label `istio-injection: enabled`. In a mesh that is installed with another revision, nothing is injected and nothing reports it: pods start with one container (1/1), their calls are plaintext, and policies are not enforced. The label even overrides `istio.io/rev` on the same Namespace. The rule applies only if the revisions are known, from manifests of the control plane or from the fleet file.',
  fix: 'Replace it with `istio.io/rev` and an existing revision or tag.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy',
    'https://istio.io/latest/docs/setup/upgrade/canary/',
  ],
  *check(inventory) {
    const revisions = knownRevisions(inventory);
    if (revisions === undefined || revisions.all.includes('default')) return;
    const { all, preferred, isComplete } = revisions;
    const answer = all.map((each) => `"${each}"`).join(', ');
    for (const resource of inventory.of('Namespace')) {
      const { labels } = resource;
      if (labels['istio-injection'] !== 'enabled') continue;
      const hasRevision = labels['istio.io/rev'] !== undefined;
      yield {
        resource,
        path: ['metadata', 'labels', 'istio-injection'],
        at: 'key',
        ...(!isComplete && { severity: 'warning' }),
        message: `No known control plane handles istio-injection: enabled, only istio.io/rev with ${answer}, so nothing is injected here.`,
        ...(hasRevision && { fix: 'Remove the label: it overrides istio.io/rev.' }),
        ...(!hasRevision &&
          preferred !== undefined && {
            fix: `Replace it with istio.io/rev: ${preferred}.`,
            edits: [
              { op: 'set', path: ['metadata', 'labels', 'istio.io/rev'], value: preferred },
              { op: 'delete', path: ['metadata', 'labels', 'istio-injection'] },
            ],
          }),
      };
    }
  },
});
