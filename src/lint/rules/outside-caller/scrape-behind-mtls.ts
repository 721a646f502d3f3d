import { refusalAt } from '../../../mesh/plaintext.ts';
import { monitoredPorts } from '../../../mesh/scrapes.ts';
import { describeResource } from '../../../model/resource.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'scrape-behind-mtls',
  severity: 'warning',
  kinds: ['ServiceMonitor', 'PodMonitor'],
  summary: 'a ServiceMonitor or PodMonitor for a port whose sidecar rejects Prometheus',
  why: 'Prometheus scrapes each pod by its IP address in plaintext: STRICT resets the connection, and an ALLOW policy by identity denies it with a 403. The target goes down and its metrics stop, although the application works. Monitors with their own TLS configuration are assumed to have certificates.',
  fix: 'Let Istio merge the metrics (`prometheus.io/scrape` annotations, port 15020), or open the metrics port with `portLevelMtls` and a rule for its path.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/ops/integrations/prometheus/'],
  *check(inventory) {
    const reported = new Set<string>();
    for (const { resource, at, workload, port, path, isTls } of monitoredPorts(inventory)) {
      const key = `${describeResource(resource)} ${at.join(' ')}`;
      if (isTls || reported.has(key)) continue;
      const refusal = refusalAt([workload], () => port, inventory, path);
      if (refusal === undefined) continue;
      reported.add(key);
      yield {
        resource,
        path: at,
        message: `Prometheus scrapes port ${String(port)} of ${workload.name} in plaintext, but ${describeResource(refusal.by)} makes its sidecars reject that.`,
      };
    }
  },
});
