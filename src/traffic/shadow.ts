import { keyOf } from '../model/key-of.ts';
import type { Problem } from '../model/problem.ts';
import type { Directory } from './directory.ts';
import type { ShadowTraffic } from './observed.ts';

/** A Service of which policies in dry-run would have refused nothing. */
export interface CleanTraffic {
  readonly namespace: string;
  readonly service: string;
  readonly from: string;
  readonly until: string;
  readonly allowed: number;
}

/** What the counters of policies in dry-run show of each Service: traffic of which all would have been let through, so that all
 *  who call are declared; or what would have been refused.
 *  @returns problems `dry-run-refuses` and `dry-run-without-traffic`, each a warning: the rest counts */
export function judgeShadow(
  traffic: readonly ShadowTraffic[],
  directory: Directory,
  file: string,
): { readonly clean: readonly CleanTraffic[]; readonly problems: readonly Problem[] } {
  const found = new Map<string, CleanTraffic & { readonly refused: number }>();
  for (const { to, from, until, allowed, refused } of traffic) {
    const { namespace = '', names } = to;
    const service = directory.serviceOf(namespace, names, undefined);
    const key = keyOf(namespace, service);
    const known = found.get(key);
    found.set(key, {
      namespace,
      service,
      from: known !== undefined && known.from < from ? known.from : from,
      until: known !== undefined && known.until > until ? known.until : until,
      allowed: allowed + (known?.allowed ?? 0),
      refused: refused + (known?.refused ?? 0),
    });
  }
  const all = [...found.values()];
  const problems = all.flatMap(
    ({ namespace, service, from, until, allowed, refused }): readonly Problem[] => {
      const name = `${namespace}/${service}`;
      const window = `between ${from} and ${until}`;
      if (refused > 0)
        return [
          {
            rule: 'dry-run-refuses',
            severity: 'warning',
            message: `The policies in dry-run would have refused ${String(refused)} of ${String(allowed + refused)} requests to ${name} ${window}: someone calls it who is not declared.`,
            fix: "Import recorded traffic that names the caller (Istio's metrics, or access logs with downstream_peer_uri_san), or read the caller from the proxy's log, and declare it.",
            file,
          },
        ];
      if (allowed > 0) return [];
      return [
        {
          rule: 'dry-run-without-traffic',
          severity: 'warning',
          message: `No request to ${name} was counted ${window}, which shows nothing of its callers.`,
          fix: 'Import a longer time, one in which the service was used.',
          file,
        },
      ];
    },
  );
  return {
    clean: all.filter(({ allowed, refused }) => allowed > 0 && refused === 0),
    problems,
  };
}
