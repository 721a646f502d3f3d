import {
  isList,
  isObject,
  listAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
} from '../../model/json.ts';
import type { Problem } from '../../model/problem.ts';
import {
  accountIn,
  dateOf,
  importer,
  nameIn,
  unreadable,
  type GraphDocument,
  type Observed,
  type Party,
  type ShadowTraffic,
} from '../observed.ts';
import { parsePrincipal } from '../../k8s/principal.ts';
import { serviceInAnyDomain } from '../../k8s/host.ts';

const result = 'istio_dry_run_allow_shadow_engine_result';
const denyResult = 'istio_dry_run_deny_shadow_engine_result';

/** What policies in dry-run would have let through and refused, as Envoy counts it, or as access logs in JSON tell of each
 *  request. The counters do not know who called; the logs do, where they print the peer's identity.
 *  @see https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/
 *  @see https://github.com/istio/istio/blob/master/pilot/pkg/security/authz/model/model.go RBACShadowRulesAllowStatPrefix */
export default importer({
  source: 'envoy',
  reads:
    'the samples of envoy_…_rbac with authz_dry_run_result that Prometheus has of some days (a query such as {…}[14d]), or access logs in JSON with the metadata of envoy.filters.http.rbac',
  recognises: (value) =>
    listAt(value, 'data', 'result').some((each) => actionOf(objectAt(each, 'metric')) !== undefined) ||
    shadowOf(value) !== undefined,
  read(documents, file) {
    const problems: Problem[] = [];
    const shadow: ShadowTraffic[] = [];
    const edges = new Map<string, { -readonly [Key in keyof Observed]: Observed[Key] }>();
    for (const document of documents) {
      if (valueAt(document.value, 'data') !== undefined) shadow.push(...counted(document, file, problems));
      else addLine(document, file, edges, problems);
    }
    return { calls: [...edges.values()], shadow, problems };
  },
});

/** What a counter counts; undefined: nothing of dry-run. Tags are part of the name where nothing extracts them. */
function actionOf(metric: JsonObject): { readonly isRefused: boolean; readonly action: string } | undefined {
  const name = stringAt(metric, '__name__') ?? '';
  const [, action, outcome] = /rbac_istio_dry_run_(allow|deny)__shadow_(allowed|denied)$/.exec(name) ?? [
    name,
    stringAt(metric, 'authz_dry_run_action'),
    stringAt(metric, 'authz_dry_run_result'),
  ];
  if (action === undefined || (outcome !== 'allowed' && outcome !== 'denied')) return undefined;
  return { action, isRefused: outcome === 'denied' };
}

function counted(
  { value, line }: GraphDocument,
  file: string,
  problems: Problem[],
): readonly ShadowTraffic[] {
  const series = valueAt(value, 'data', 'result');
  if (stringAt(value, 'status') !== 'success' || !isList(series)) {
    problems.push({
      rule: 'graph-answer-failed',
      severity: 'error',
      message: `Prometheus answered with an error: ${stringAt(value, 'error')?.slice(0, 300) ?? 'without a reason'}.`,
      fix: 'Query again, and save the response of /api/v1/query.',
      file,
      line,
      column: 1,
    });
    return [];
  }
  const found: ShadowTraffic[] = [];
  for (const [index, each] of series.entries()) {
    const metric = objectAt(each, 'metric');
    const counts = actionOf(metric);
    if (counts === undefined) continue;
    const where = `data.result[${String(index)}]`;
    const samples = samplesOf(each);
    if (samples === undefined) {
      problems.push(unreadable(file, line, where, 'has no samples over time'));
      continue;
    }
    const party = podsOf(metric);
    const [first, last] = [samples[0], samples.at(-1)];
    const [from, until] = [dateOf(first?.at), dateOf(last?.at)];
    if (party === undefined || from === undefined || until === undefined) {
      problems.push(unreadable(file, line, where, 'has no namespace, no pod or no time'));
      continue;
    }
    const count = increase(samples.map((sample) => sample.count));
    // What no DENY policy refuses is counted by the ALLOW policies.
    if (counts.action === 'deny' && !counts.isRefused) continue;
    const isRefused = counts.isRefused;
    found.push({ to: party, from, until, allowed: isRefused ? 0 : count, refused: isRefused ? count : 0 });
  }
  return found;
}

interface CounterSample {
  readonly at: number;
  readonly count: number;
}

/** At least two: a single value of a counter does not say when it was counted. */
function samplesOf(series: JsonValue): readonly CounterSample[] | undefined {
  const values = listAt(series, 'values');
  const samples = values.flatMap((pair): readonly CounterSample[] => {
    const [at, text] = isList(pair) ? pair : [];
    const count = typeof text === 'string' && text.trim() !== '' ? Number(text) : NaN;
    return typeof at === 'number' && Number.isFinite(count) && count >= 0 ? [{ at, count }] : [];
  });
  const isOrdered = samples.every(({ at }, index) => index === 0 || at > (samples[index - 1]?.at ?? at));
  return samples.length === values.length && samples.length > 1 && isOrdered ? samples : undefined;
}

/** As Prometheus computes it: a counter that falls has begun again at zero.
 *  @see https://prometheus.io/docs/prometheus/latest/querying/functions/#increase */
function increase(counts: readonly number[]): number {
  let sum = 0;
  for (const [index, count] of counts.entries()) {
    const before = counts[index - 1];
    if (before !== undefined) sum += count < before ? count : count - before;
  }
  return sum;
}

type PodsParty = Extract<Party, { readonly kind: 'pods' }>;

function podsOf(metric: JsonObject): PodsParty | undefined {
  const first = (...keys: readonly string[]) => keys.flatMap((key) => nameIn(stringAt(metric, key)) ?? []);
  const [namespace] = first('kubernetes_namespace', 'namespace');
  const [pod] = first('kubernetes_pod_name', 'pod', 'pod_name');
  const workload = pod?.replace(/-(?:[a-f0-9]{6,10}-[a-z0-9]{5}|[a-z0-9]{5}|\d+)$/, '');
  const names = [
    ...first('service_istio_io_canonical_name', 'app', 'app_kubernetes_io_name'),
    ...(workload === undefined ? [] : [workload]),
  ];
  return namespace === undefined || names.length === 0 ? undefined : { kind: 'pods', namespace, names };
}

/** The results that an access log tells of, wherever its format puts the filter's metadata. */
function shadowOf(line: JsonValue): JsonObject | undefined {
  if (!isObject(line)) return undefined;
  return [line, ...Object.values(line)]
    .filter(isObject)
    .flatMap((each) => [each, objectAt(each, 'envoy.filters.http.rbac')])
    .find((each) => Object.hasOwn(each, result) || Object.hasOwn(each, denyResult));
}

function addLine(
  { value, line }: GraphDocument,
  file: string,
  edges: Map<string, { -readonly [Key in keyof Observed]: Observed[Key] }>,
  problems: Problem[],
): void {
  const shadow = shadowOf(value);
  // Requests that no policy in dry-run was asked about are no news.
  if (shadow === undefined || !isObject(value)) return;
  const to = calleeOf(value);
  if (to === undefined) {
    problems.push(
      unreadable(file, line, 'This line', 'names no Service in requested_server_name or authority'),
    );
    return;
  }
  const from = callerOf(value);
  const key = JSON.stringify([from, to]);
  const known = edges.get(key);
  const milliseconds = Date.parse(stringAt(value, 'start_time') ?? '');
  const lastSeen = Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
  if (known === undefined) edges.set(key, { from, to, protocol: 'http', count: 1, lastSeen });
  else {
    known.count += 1;
    if ((lastSeen ?? '') > (known.lastSeen ?? '')) known.lastSeen = lastSeen;
  }
}

/** By the name that the caller's sidecar asks for; of callers without one, by the host of the request. */
function calleeOf(line: JsonObject): Party | undefined {
  const sni = stringAt(line, 'requested_server_name') ?? '';
  const host = /^outbound_\.\d{1,5}_\.[^_]*_\.(.+)$/.exec(sni)?.[1] ?? stringAt(line, 'authority') ?? '';
  const named = serviceInAnyDomain(host.replace(/:\d{1,5}$/, ''));
  if (named === undefined) return undefined;
  return { kind: 'pods', namespace: named.namespace, names: [named.service] };
}

function callerOf(line: JsonObject): Party {
  const said = ['downstream_peer_uri_san', 'source_principal', 'peer_principal'].flatMap(
    (key) => stringAt(line, key) ?? [],
  )[0];
  const principal = parsePrincipal((said ?? '').replace(/^spiffe:\/\//, ''));
  const account = accountIn(said);
  const namespace = nameIn(principal?.namespace);
  if (namespace === undefined || account === undefined) return { kind: 'unknown' };
  return { kind: 'pods', namespace, names: [account], account };
}
