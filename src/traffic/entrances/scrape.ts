import { annotatedPorts, monitoredPorts } from '../../mesh/scrapes.ts';
import { entranceCollector, evidenceAt } from '../entrance.ts';
import { podsAt } from '../ways.ts';

/** Scrapes: ServiceMonitors, PodMonitors, and annotations that the sidecar does not merge. Prometheus asks each pod by its
 *  address, so that no sidecar of its own sends mTLS.
 *  @see https://istio.io/latest/docs/ops/integrations/prometheus/ */
export default entranceCollector({
  way: 'scrape',
  *find(inventory) {
    for (const { resource, at, workload, port, path, isTls } of [
      ...monitoredPorts(inventory),
      ...annotatedPorts(inventory),
    ])
      yield {
        from: { kind: 'outside' },
        to: podsAt(workload, port),
        protocol: isTls ? 'tcp' : 'http',
        ...(!isTls && { path }),
        evidence: evidenceAt(resource, at, 'scrape'),
      };
  },
});
