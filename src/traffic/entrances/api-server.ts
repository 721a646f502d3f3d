import { apiServerCalls } from '../../mesh/api-server-calls.ts';
import { calleeAt, entranceCollector, evidenceAt } from '../entrance.ts';

/** Webhooks and APIs that the Kubernetes API server calls, from outside the mesh. */
export default entranceCollector({
  way: 'api-server',
  *find(inventory) {
    for (const { resource, path, name, namespace, port, url } of apiServerCalls(inventory)) {
      const to = calleeAt(namespace, name, port, inventory);
      if (to !== undefined)
        yield {
          from: { kind: 'outside' },
          to,
          path: url,
          evidence: evidenceAt(resource, path, 'api-server'),
        };
    }
  },
});
