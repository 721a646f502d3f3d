import { knownRevisions } from '../../../mesh/revisions.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'injection-label-without-default-revision',
  severity: 'error',
  kinds: ['Namespace'],
  summary: '`istio-injection: enabled` where no control plane is the default one',
  why: 'Only the revision, or the revision tag, named `default` answers to the label `istio-injection: enabled`. On a mesh that is installed with another revision nothing is injected, and nothing says so: pods start with one container (1/1), their calls are plain text, and policies are not carried out. The label even blocks `istio.io/rev` beside it. Told only where the revisions are known, from manifests of the control plane or from the fleet file.',
  fix: 'Replace it by `istio.io/rev` with a revision or tag that exists.',
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
        message: `No control plane answers to istio-injection: enabled, only to istio.io/rev with ${answer}, so nothing is injected here.`,
        ...(hasRevision && { fix: 'Remove the label: istio.io/rev has no effect beside it.' }),
        ...(!hasRevision &&
          preferred !== undefined && {
            fix: `Replace it by istio.io/rev: ${preferred}.`,
            edits: [
              { op: 'set', path: ['metadata', 'labels', 'istio.io/rev'], value: preferred },
              { op: 'delete', path: ['metadata', 'labels', 'istio-injection'] },
            ],
          }),
      };
    }
  },
});
