import { rule } from '../../rule.ts';

export default rule({
  id: 'namespace-two-injection-labels',
  severity: 'warning',
  kinds: ['Namespace'],
  summary: 'a Namespace with more than one label for injection or ambient mode',
  why: 'One label silently overrides the others: `istio-injection` overrides `istio.io/rev`, so with a control plane that is installed with a revision nothing is injected at all, and pods stay at 1/1. Either of them overrides ambient mode.',
  fix: 'Remove the labels that have no effect. To move to the revision instead, remove `istio-injection` once the revision is installed, and restart the pods. `--fix` changes neither, since the label in force decides which control plane injects.',
  equivalent: ['IST0123', 'KIA1316'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0123/',
    'https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy',
  ],
  *check(inventory) {
    for (const resource of inventory.of('Namespace')) {
      const { labels } = resource;
      // "disabled" is explicit, whatever the other labels say.
      if (labels['istio-injection'] === 'disabled') continue;
      const asking = [
        labels['istio-injection'] === 'enabled' ? 'istio-injection' : undefined,
        labels['istio.io/rev'] === undefined ? undefined : 'istio.io/rev',
        labels['istio.io/dataplane-mode'] === 'ambient' ? 'istio.io/dataplane-mode' : undefined,
      ].filter((label) => label !== undefined);
      const [wins, ...losers] = asking;
      if (wins === undefined || losers.length === 0) continue;
      yield {
        resource,
        path: ['metadata', 'labels', wins],
        at: 'key',
        message: `The label ${wins} takes precedence, so ${losers.join(' and ')} ${losers.length > 1 ? 'have' : 'has'} no effect.`,
      };
    }
  },
});
