import { apiServerCalls } from '../../mesh/api-server-calls.ts';
import { calleeAt, entranceCollector, evidenceAt } from '../entrance.ts';

/** Webhooks for admission and conversion, and aggregated APIs: the API server calls them without a sidecar.
 *  @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ */
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
